/** What `doctor` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Show what this machine offers and what each model size takes":
    "Mostra o que esta máquina oferece e o que cada tamanho de modelo ocupa",
  "find out how the GPU multiplies best, and keep it (tune)":
    "descobre como a GPU multiplica melhor, e guarda (tune)",
  "`deno task tune` is doctor --tune with leave to write into the cache folder.":
    "`deno task tune` é doctor --tune com permissão para gravar na pasta de cache.",
  "looking for a BLAS": "procurando uma BLAS",
  "measuring products on the CPU": "medindo produtos na CPU",
  "measuring products on the GPU": "medindo produtos na GPU",
  "choosing where to compute": "escolhendo onde calcular",
  "counting what models take": "contando o que os modelos ocupam",
  "{1}: {2} GF/s": "{1}: {2} GF/s",
  "Deno     {1} on {2}": "Deno     {1} em {2}",
  "CPU      {1} [core|cores]; {2} GF/s in products ({3})":
    "CPU      {1} [núcleo|núcleos]; {2} GF/s em produtos ({3})",
  "Memory   {1}, {2} free": "Memória  {1}, {2} livres",
  "Backend  {1} (--backend {2}: {3})": "Backend  {1} (--backend {2}: {3})",
  "Training RWKV-4 at 32,000 tokens, {1} [full window|full windows] a micro-batch;":
    "Treinar RWKV-4 com 32.000 tokens, {1} [janela inteira|janelas inteiras] por microlote;",
  "memory is that of the whole process, about:":
    "a memória é a do processo inteiro, aproximada:",
  "BLAS     none found: our own SIMD kernels are used":
    "BLAS     nenhuma encontrada: são usados os nossos kernels SIMD",
  "BLAS     none, as asked: our own SIMD kernels are used":
    "BLAS     nenhuma, como pedido: são usados os nossos kernels SIMD",
  "{1} of {2}": "{1} de {2}",
  "BLAS     {1} ({2})": "BLAS     {1} ({2})",
  "BLAS     {1} ({2}, {3} kernels)": "BLAS     {1} ({2}, kernels {3})",
  "         not {1}: {2}": "         não {1}: {2}",
  "         also there: {1}": "         também existe: {1}",
  "         not there: {1}": "         não existem: {1}",
  "         twice as fast with one: {1}":
    "         duas vezes mais rápido com uma: {1}",
  "         or, without root, here: {1}":
    "         ou, sem ser root, nesta pasta: {1}",
  "         too old for this processor; a newer one: {1}":
    "         antiga demais para este processador; uma mais nova: {1}",
  "         or try --blas-core Haswell (AVX2), --blas-core SkylakeX (AVX-512)":
    "         ou tente --blas-core Haswell (AVX2), --blas-core SkylakeX (AVX-512)",
  "it has no kernels for this processor":
    "não tem kernels para este processador",
  "asked for": "foi pedido",
  "a hardware adapter answered": "um adaptador de hardware respondeu",
  "no adapter; is a Vulkan, Metal or DX12 driver in?":
    "nenhum adaptador; há um driver Vulkan, Metal ou DX12?",
  "not tuned": "sem ajuste",
  "not tuned, see deno task tune": "sem ajuste, veja deno task tune",
  "in registers alone": "só em registradores",
  "GPU      none: {1}": "GPU      nenhuma: {1}",
  "MPI      none found: one machine trains by itself":
    "MPI      nenhum encontrado: uma máquina treina sozinha",
  "MPI      {1} ({2})": "MPI      {1} ({2})",
  "{1} {2} of {3}": "{1} {2} de {3}",
  "all limits suffice": "todos os limites bastam",
  "software": "software",
  "hardware": "hardware",
  "GPU      {1}, {2}, {3}; {4}": "GPU      {1}, {2}, {3}; {4}",
  "         {1} GF/s in products {2} ({3})":
    "         {1} GF/s em produtos {2} ({3})",
  "         not used: {1} (gain not measured yet)":
    "         sem uso: {1} (ganho ainda não medido)",
  "         a CPU in disguise: used with --backend webgpu only":
    "         uma CPU disfarçada: só é usada com --backend webgpu",
  "{1} M parameters": "{1} M de parâmetros",
  "window {1}": "janela {1}",
  "; more than is free": "; mais do que há livre",
  "{1} GB": "{1} GB",
};
