/** What all commands say, in Portuguese. */

import type { Translations } from "./language.ts";

export const portuguese: Translations = {
  "it has no kernels for this processor; deno task doctor names what is faster":
    "ela não tem kernels para este processador; deno task doctor diz o que é mais rápido",
  // Help.
  "{1} (required)": "{1} (obrigatória)",
  "{1} (default: {2})": "{1} (padrão: {2})",
  "Options:": "Opções:",
  "Common options:": "Opções comuns:",
  "Examples:": "Exemplos:",
  "FILE": "ARQUIVO",
  "FILES": "ARQUIVOS",
  "ORIGINS": "ORIGENS",
  "FOLDER": "PASTA",
  "PATH": "CAMINHO",
  "TEXT": "TEXTO",
  "NAME": "NOME",
  "FOLDERS": "PASTAS",
  "PATH,...": "CAMINHO,...",
  "LIST": "LISTA",
  "NAME=ID,...": "NOME=ID,...",
  "all|NAME,...": "all|NOME,...",
  "YYYYMMDD": "AAAAMMDD",
  "TOML file of these options; flags win over it":
    "arquivo TOML com estas opções; o que está na linha de comando vale mais",
  "paths in that file, or in a recipe, may lead out of this folder":
    "caminhos nesse arquivo, ou em uma receita, podem levar para fora desta pasta",
  "print one JSON object of results as the last line":
    "imprime os resultados como um objeto JSON na última linha",
  "{1}; its name ends with .damaged now":
    "{1}; o nome dele agora termina com .damaged",
  "The loss of step {1} jumped to {2}, from {3}: windows {4} to {5}":
    "A perda do passo {1} saltou para {2}, de {3}: janelas {4} a {5}",
  // Suites.
  "instead of a text: grammar (minimal pairs), last words, or texts of its own":
    "em vez de um texto: gramática (pares mínimos), últimas palavras, ou textos do modelo",
  "its tasks, .jsonl or parquet; for text, text of people to compare with":
    "as tarefas, .jsonl ou parquet; para text, texto de gente para comparar",
  "{1} of {2} last words found: {3} % ({4}), perplexity of a word {5}":
    "{1} de {2} últimas palavras achadas: {3} % ({4}); perplexidade de uma palavra {5}",
  "right, in %": "acertos, em %",
  "pairs": "pares",
  "model": "modelo",
  "people": "gente",
  "all pairs": "todos os pares",
  "{1} [token|tokens] read": "{1} [token lido|tokens lidos]",
  "texts": "textos",
  "words": "palavras",
  "different words, %": "palavras diferentes, %",
  "different pairs of words, %": "pares de palavras diferentes, %",
  "different threes of words, %": "trios de palavras diferentes, %",
  "fours that were there before in the text, %":
    "quádruplas que já estavam no texto, %",
  "fours that another text has, %": "quádruplas que outro texto tem, %",
  "texts that end in a loop, %": "textos que acabam em repetição, %",
  "compressed, times smaller": "comprimidos, vezes menores",
  "no progress and no notes; warnings stay":
    "sem progresso nem notas; os avisos ficam",
  "show the stack of an error": "mostra a pilha de um erro",
  "show this help": "mostra esta ajuda",
  "language of messages: pt-BR or en (default: the system's)":
    "idioma das mensagens: pt-BR ou en (padrão: o do sistema)",
  "threads to use (default: one a core)":
    "threads a usar (padrão: uma por núcleo)",
  "MPI library by which mpirun's processes work together, or each alone":
    "biblioteca MPI com que os processos do mpirun trabalham juntos, ou cada um sozinho",
  "seconds to wait for another process at most":
    "segundos que se espera, no máximo, por outro processo",
  "random seed": "semente do acaso",
  "text (.txt .md .html .jsonl .parquet .epub): a file or a folder":
    "texto (.txt .md .html .jsonl .parquet .epub): um arquivo ou uma pasta",
  "left out, as they cannot be read ({1}): {2}":
    "deixados de fora, pois não podem ser lidos ({1}): {2}",
  // What a document is.
  "what a document is; auto is told above":
    "o que é um documento; auto está explicado acima",
  "documents: {1}": "documentos: {1}",
  "{1} ({2})": "{1} ({2})",
  "{1} in {2}": "{1} em {2}",
  "not read, as the manifest does not name them: {1} ({2})":
    "não lidos, porque não estão no manifesto: {1} ({2})",
  "blocks between blank lines": "blocos entre linhas em branco",
  "a file each": "um por arquivo",
  "a line of JSON, or a row, each": "um por linha de JSON, ou da tabela",
  "as asked": "como pedido",
  "by its manifest": "segundo o manifesto",
  "by its ending": "segundo a extensão",
  "numbered files; --documents files for whole files":
    "arquivos numerados; --documents files para um por arquivo",
  "more than 16 MiB; --documents files for whole files":
    "mais de 16 MiB; --documents files para um por arquivo",
  "no manifest; --documents has others":
    "sem manifesto; há outros em --documents",
  "no manifest; --documents blank-lines for blocks":
    "sem manifesto; --documents blank-lines para blocos",
  // The overview.
  "ptbr-slm: a small RWKV language model of Brazilian Portuguese, from dump to text":
    "ptbr-slm: um pequeno modelo de linguagem RWKV do português do Brasil, do dump ao texto",
  "{1} <command> --help shows a command's options.":
    "{1} <comando> --help mostra as opções de um comando.",
  "this list, or the help of a command: help train":
    "esta lista, ou a ajuda de um comando: help train",
  "the version of the program and of Deno": "a versão do programa e do Deno",
  "what makes a shell complete commands and options":
    "o que faz um shell completar comandos e opções",
  "completion bash|zsh|fish|powershell prints a script for that shell. To have it, in the project's folder:":
    "completion bash|zsh|fish|powershell imprime um script para esse shell. Para usá-lo, na pasta do projeto:",
  "Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted.":
    "Códigos de saída: 0 feito, 1 falhou, 2 chamado de modo errado, 130 interrompido.",
  "error: {1}": "erro: {1}",
  // Progress and interrupts.
  "at this for {1}": "nisto há {1}",
  "{1} left": "faltam {1}",
  "{1} [file|files]": "{1} [arquivo|arquivos]",
  "Interrupted after {1}: {2} (once more to stop at once)":
    "Interrompido depois de {1}: {2} (outra vez para parar já)",
  "stopping": "parando",
  "interrupted; the same command goes on from here":
    "interrompido; o mesmo comando continua daqui",
  "interrupted; nothing was written": "interrompido; nada foi gravado",
  "stopped at once": "parado na hora",
  "interrupted": "interrompido",
  // Where to compute.
  "where to compute; auto takes a GPU where one answers, else the CPU":
    "onde calcular; auto usa uma GPU se alguma responder, senão a CPU",
  "matrix products by a C BLAS, or by our own":
    "produtos de matrizes por uma BLAS em C, ou pelos nossos",
  "auto|none|PATH": "auto|none|CAMINHO",
  "OpenBLAS's kernels: its own choice, or such as Haswell (default: as OPENBLAS_CORETYPE says)":
    "kernels da OpenBLAS: à escolha dela, ou um como Haswell (padrão: o que diz OPENBLAS_CORETYPE)",
  "auto|NAME": "auto|NOME",
  // A model.
  "model_final.mpk or a checkpoint, or their folder (default: models/machado)":
    "model_final.mpk ou um checkpoint, ou a pasta deles (padrão: models/machado)",
  "No --model given: this is {1}, which ships with the program":
    "Sem --model: este é {1}, que vem com o programa",
  "model_final.mpk or a checkpoint, or their folder":
    "model_final.mpk ou um checkpoint, ou a pasta deles",
  "its tokenizer.json or World vocabulary (default: that beside it)":
    "seu tokenizer.json ou vocabulário World (padrão: o que está ao lado)",
  "which of a checkpoint by train --ema-decay (default: average)":
    "quais de um checkpoint de train --ema-decay (padrão: average, as médias)",
  "how an old file attends: as documented, or as the Rust code did":
    "a atenção de um arquivo antigo: como documentada, ou como no código em Rust",
  "tokens of a window (default: the model's)":
    "tokens de uma janela (padrão: os do modelo)",
  "Type the prompt and end it with Ctrl-D":
    "Digite o prompt e termine com Ctrl-D",
  // A training.
  "its tokenizer.json (default: the one beside it)":
    "seu tokenizer.json (padrão: o que está ao lado)",
  "where checkpoints go": "para onde vão os checkpoints",
  "steps between samples of text, kept in samples.jsonl (default: with each validation)":
    "passos entre amostras de texto, guardadas em samples.jsonl (padrão: a cada validação)",
  "samples": "amostras",
  "windows of the held-out text that a validation predicts, evenly chosen (default: 32,768 tokens' worth)":
    "janelas do texto reservado que uma validação prevê, escolhidas por igual (padrão: as de 32.768 tokens)",
  "less memory for more time, the same results (by itself where all else is too large)":
    "menos memória por mais tempo, com os mesmos resultados (sozinho, onde o resto não cabe)",
  "say what the run takes of memory, disk and time, and write nothing":
    "diz quanto o treino toma de memória, disco e tempo, e não grava nada",
  "About {1} GB of memory and {2} GB of disk for {3} [step|steps], {4} [token|tokens], {5} epochs":
    "Cerca de {1} GB de memória e {2} GB de disco para {3} [passo|passos], {4} [token|tokens], {5} épocas",
  "About {1} to the end": "Cerca de {1} até o fim",
  "memory: {1} GB": "memória: {1} GB",
  ", {1} GB are free": ", há {1} GB livres",
  "; blocks are recomputed, for without it takes {1} GB":
    "; os blocos são recalculados, pois sem isso são {1} GB",
  "disk: {1} GB, the model and checkpoints ({2} of {3} GB)":
    "disco: {1} GB, o modelo e os checkpoints ({2} de {3} GB)",
  "steps: {1} of {2} [token|tokens], {3} in all, {4} epochs":
    "passos: {1} de {2} [token|tokens], {3} ao todo, {4} épocas",
  "time: {1} at {2} tokens/s": "tempo: {1} a {2} tokens/s",
  "only {1} GB of disk are free besides what is left to the system: save less often with --save-every":
    "só há {1} GB livres no disco além do que fica para o sistema: salve menos vezes com --save-every",
  "Nothing was written": "Nada foi gravado",
  "saving a checkpoint": "salvando um checkpoint",
  "{1} [parameter|parameters]": "{1} [parâmetro|parâmetros]",
  "{1} [parameter|parameters], {2} trained":
    "{1} [parâmetro|parâmetros], {2} em treino",
  "{1}, {2}, {3} [token|tokens], {4}": "{1}, {2}, {3} [token|tokens], {4}",
  ", blocks recomputed": ", blocos recalculados",
  "Nothing is held out in this dataset: no validation":
    "Nada foi reservado neste conjunto de dados: não há validação",
  "Validations predict {1} of {2} [window|windows]; evaluate predicts all":
    "As validações preveem {1} de {2} [janela|janelas]; evaluate prevê todas",
  "train": "treino",
  "preparing": "preparando",
  "validation": "validação",
  "step {1}/{2}": "passo {1}/{2}",
  "loss {1}": "perda {1}",
  "{1} tokens/s": "{1} tokens/s",
  ", without averages {1}": ", sem médias {1}",
  "step {1}: validation loss {2}, {3} bits per byte":
    "passo {1}: perda de validação {2}; {3} bits por byte",
  "Done: {1}": "Pronto: {1}",
  "Next: deno task evaluate, generate or serve, each with --model {1}":
    "A seguir: deno task evaluate, generate ou serve, cada um com --model {1}",
  "Interrupted before the first step was done; continue with: deno task resume --checkpoint {1} --data {2} --output {3}":
    "Interrompido antes de completar o primeiro passo; continue com: deno task resume --checkpoint {1} --data {2} --output {3}",
  "Interrupted after step {1}; continue with: deno task resume --checkpoint {2} --data {3} --output {4}":
    "Interrompido depois do passo {1}; continue com: deno task resume --checkpoint {2} --data {3} --output {4}",
  "A long run: {1} [step|steps] of {2} [token|tokens], {3} million in all, take {4} at {5} tokens/s.":
    "Um treino longo: {1} [passo|passos] de {2} [token|tokens], {3} milhões ao todo, levam {4} a {5} tokens/s.",
  "Within a day: --hours 24. In half an hour: --hours 0.5.":
    "Em um dia: --hours 24. Em meia hora: --hours 0.5.",
  "measuring the speed": "medindo a velocidade",
  "{1}; taking the checkpoint before it": "{1}; vale o checkpoint anterior",
  "checkpoints of the run to keep, the newest (default: all)":
    "checkpoints do treino a manter, os mais novos (padrão: todos)",
  "The gradients up to step {1} were not finite: back to step {2}, without the windows {3} to {4}, at {5} of the learning rate":
    "Os gradientes até o passo {1} não eram finitos: volta ao passo {2}, sem as janelas {3} a {4}, a {5} da taxa de aprendizado",
  "Interrupted before the first step; nothing was written":
    "Interrompido antes do primeiro passo; nada foi gravado",
  "checking the data": "conferindo os dados",
  "The device was lost ({1}): on from step {2} on a new one, which is done once":
    "O dispositivo se perdeu ({1}): continua do passo {2} em um novo, o que se faz uma vez",
  "keep the model of the best validation, as best.mpk":
    "mantém o modelo da melhor validação, como best.mpk",
  "/help shows what can be done; Ctrl-D or /quit leaves":
    "/help mostra o que se pode fazer; Ctrl-D ou /quit sai",
  "How tokens are chosen:": "Como os tokens são escolhidos:",
  "show this": "mostra isto",
  "show how tokens are chosen": "mostra como os tokens são escolhidos",
  "  /set NAME VALUE": "  /set NOME VALOR",
  "change that, such as /set temperature 0.8":
    "muda isso, como /set temperature 0.8",
  "take the last turn back": "desfaz o último turno",
  "have the last turn written anew, otherwise":
    "escreve o último turno de novo, de outro jeito",
  "begin a new text": "começa um texto novo",
  "leave": "sai",
  "there is no turn to take back": "não há o que desfazer",
  "there is no turn to write anew": "não há o que refazer",
  "Ctrl-C once more leaves": "Ctrl-C mais uma vez sai",
  "State saved as {1}; --load-state goes on from there":
    "Estado salvo em {1}; --load-state continua dali",
  "the last turn is taken back": "o último turno foi desfeito",
  "a new text begins": "um texto novo começa",
  "{1} is no command; /help shows them":
    "{1} não é um comando; /help mostra quais há",
  'A line that ends in \\ goes on in the next; """ begins and ends several.':
    'Uma linha que termina em \\ continua na seguinte; """ abre e fecha várias.',
  "An empty line lets the model go on. Ctrl-C interrupts it.":
    "Uma linha vazia deixa o modelo continuar. Ctrl-C o interrompe.",
  "{1} [token|tokens] so far": "{1} [token|tokens] até aqui",
  "/set takes one of the names that /settings shows":
    "/set recebe um dos nomes que /settings mostra",
  "there is no setting {1}; did you mean {2}?":
    "não há a configuração {1}; você quis dizer {2}?",
  "{1} is {2} now": "{1} agora é {2}",
  "an adapter, as finetune, RWKV-PEFT and web-rwkv write, or finetune's folder":
    "um adaptador, como os de finetune, RWKV-PEFT e web-rwkv, ou a pasta do finetune",
  "a LoRA's alpha, where its file does not say":
    "o alfa de um LoRA, se o arquivo não o diz",
  "which way round states lie, where their file does not say":
    "em que sentido estão os estados, se o arquivo não o diz",
  "Next: deno task generate or evaluate, each with the --model that it began with and --adapter {1}; serve takes --model MODEL+ADAPTER":
    "A seguir: deno task generate ou evaluate, cada um com o --model do começo e --adapter {1}; serve aceita --model MODELO+ADAPTADOR",
  "how the rate falls: all the way (default: linear), or at the end (wsd)":
    "como a taxa cai: por todo o caminho (padrão: linear) ou no fim (wsd)",
  "wsd: share of the steps in which the rate falls (default: 0.3)":
    "wsd: parte dos passos em que a taxa cai (padrão: 0.3)",
  "rate at the last step as a share of the peak (default: 0.1)":
    "taxa no último passo, como parte do pico (padrão: 0.1)",
  "what changes the matrices of the blocks (default: adamw)":
    "o que altera as matrizes dos blocos (padrão: adamw)",
  "muon: share of its momentum kept (default: 0.95)":
    "muon: parte do momento que é mantida (padrão: 0.95)",
  "muon: its rate as a multiple of the learning rate (default: 1)":
    "muon: sua taxa, como múltiplo da taxa de aprendizado (padrão: 1)",
  "the embedding's rate, as such a multiple (default: 1)":
    "a taxa do embedding, como múltiplo desses (padrão: 1)",
  "the output head's rate, as such a multiple (default: 1)":
    "a taxa da camada de saída, como múltiplo desses (padrão: 1)",
  "the rate of norms and of vectors in the blocks, as such a multiple (default: 1)":
    "a taxa das normas e dos vetores dos blocos, como múltiplo desses (padrão: 1)",
  "whether the weight decay stays or goes with the rate (default: constant)":
    "se o decaimento dos pesos fica ou acompanha a taxa (padrão: constant)",
  "let only weights decay that the step moves towards 0 anyway":
    "só deixa decair pesos que o passo já leva na direção de 0",
  "keep moving averages of the weights, with that share kept at a step; finished models hold them":
    "mantém médias móveis dos pesos, com essa parte mantida a cada passo; os modelos prontos as contêm",
  "{1} [article|articles] in both, {2} changed ({3} %); {4} only before, {5} only now":
    "{1} [artigo|artigos] nos dois, {2} mudados ({3} %); {4} só antes, {5} só agora",
  "{1} cannot be read and [was|were] left out":
    "{1} não [pode|podem] ser [lido|lidos] e [ficou|ficaram] de fora",
  "lines: {1} gone, {2} new, {3} changed ({4} in spaces alone, {5} in punctuation, {6} in words)":
    "linhas: {1} saíram, {2} novas, {3} mudadas ({4} só em espaços, {5} na pontuação, {6} em palavras)",
  "What changed most often:": "O que mais mudou:",
  "The articles that changed most:": "Os artigos que mais mudaram:",
  "  {1}: {2} [line|lines]": "  {1}: {2} [linha|linhas]",
  "    … {1} more [line|lines]": "    … mais {1} [linha|linhas]",
  "Only before:": "Só antes:",
  "Only now:": "Só agora:",
  "  … {1} more": "  … mais {1}",
};
