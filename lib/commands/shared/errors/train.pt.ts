/** Errors of datasets, training, generation and backends. */

import type { Translations } from "../language.ts";

export const train: Translations = {
  // Datasets.
  '"{1}" is no text': '"{1}" não é texto',
  '"heldOut" has no "fraction" and "share"':
    '"heldOut" não tem "fraction" e "share"',
  '"{1}" is not a count': '"{1}" não é uma contagem',
  '"tokenizer" is not a SHA-256': '"tokenizer" não é um SHA-256',
  '"{1}" is missing': 'falta "{1}"',
  "Cannot write token {1}: the vocabulary has {2}":
    "Não é possível gravar o token {1}: o vocabulário tem {2}",
  "Cannot mix datasets: there is none":
    "Não é possível misturar conjuntos de dados: não há nenhum",
  'Cannot mix datasets: "{1}" has weight {2}, not a positive number':
    'Não é possível misturar conjuntos de dados: "{1}" tem peso {2}, que não é um número positivo',
  'Cannot mix datasets: the weight of "{1}" is less than 1 in {2} of all':
    'Não é possível misturar conjuntos de dados: o peso de "{1}" é menos de 1 em {2} do total',
  'Cannot read dataset "{1}": it is closed':
    'Não é possível ler o conjunto de dados "{1}": está fechado',
  'Cannot read dataset "{1}": it has {2} tokens, not {3} to {4}':
    'Não é possível ler o conjunto de dados "{1}": tem {2} tokens, e não de {3} a {4}',
  'Cannot read dataset "{1}": {2}':
    'Não é possível ler o conjunto de dados "{1}": {2}',
  'Cannot use dataset "{1}": it has token {2}, the vocabulary {3}; tokenize it again':
    'Não é possível usar o conjunto de dados "{1}": tem o token {2}, e o vocabulário, {3}; tokenize-o de novo',
  'Cannot use dataset "{1}": it was made with another tokenizer ({2}, not {3}); give that one or tokenize again':
    'Não é possível usar o conjunto de dados "{1}": foi feito com outro tokenizador ({2}, e não {3}); indique aquele ou tokenize de novo',
  'Cannot use dataset "{1}": it is damaged: its checksum is {2}, dataset.json says {3}; tokenize again':
    'Não é possível usar o conjunto de dados "{1}": está danificado: sua soma de verificação é {2}, dataset.json diz {3}; tokenize de novo',
  'Cannot continue in "{1}" from step {2}: it holds the later {3}; give that one, or another --output':
    'Não é possível continuar em "{1}" a partir do passo {2}: há ali o {3}, posterior; dê esse, ou outro --output',
  'Cannot continue in "{1}": its {2} is of another run; give another --output':
    'Não é possível continuar em "{1}": seu {2} é de outro treino; dê outro --output',
  "{1} MB": "{1} MB",
  "{1} GB": "{1} GB",
  'Cannot save into "{1}": {2} are needed, and {3} are free besides {4} that are left to the system':
    'Não é possível salvar em "{1}": são precisos {2}, e há {3} livres além de {4} que ficam para o sistema',
  "{1}, not {2}": "{1}, e não {2}",
  'Cannot continue from "{1}": the run was trained on other data: {2}; --other-data goes on all the same':
    'Não é possível continuar de "{1}": o treino foi feito com outros dados: {2}; --other-data continua assim mesmo',
  'Cannot use dataset "{1}": it has {2} tokens, dataset.json says {3}; tokenize again':
    'Não é possível usar o conjunto de dados "{1}": tem {2} tokens, e dataset.json diz {3}; tokenize de novo',
  "its length is odd ({1} bytes)": "seu tamanho é ímpar ({1} bytes)",
  "it holds no tokens": "não contém tokens",
  "it is closed": "está fechado",
  "it became shorter while in use": "ficou mais curto durante o uso",
  "Cannot make batches: {1} must be at least 1, not {2}":
    "Não é possível fazer lotes: {1} tem de ser no mínimo 1, e não {2}",
  'Cannot make batches: "{1}" has {2} tokens, a window takes {3}; use more text or a shorter context':
    'Não é possível fazer lotes: "{1}" tem {2} tokens, e uma janela ocupa {3}; use mais texto ou um contexto mais curto',
  'Cannot make batches: "{1}" has {2} windows of {3} tokens, fewer than its {4} rows of a step; use more text, a shorter context or fewer rows':
    'Não é possível formar lotes: "{1}" tem {2} janelas de {3} tokens, menos que suas {4} linhas por passo; use mais texto, um contexto mais curto ou menos linhas',
  "Cannot export to {1}: the model's logits have a soft cap of {2}, which other programs do not compute":
    "Não é possível exportar para {1}: os logits do modelo têm um limite suave de {2}, que outros programas não calculam",
  "Cannot export to {1}: the model has value embeddings, which other programs do not know of":
    "Não é possível exportar para {1}: o modelo tem embeddings de valores, que outros programas não conhecem",
  "Cannot use valueEmbeddings with {1}: it has none":
    "Não é possível usar valueEmbeddings com {1}: essa família não os tem",
  "Cannot use valueEmbeddings {1}: the model has {2} blocks":
    "Não é possível usar valueEmbeddings {1}: o modelo tem {2} blocos",
  "Cannot let windows grow to {1} tokens: give an even number":
    "Não é possível deixar as janelas crescerem até {1} tokens: informe um número par",
  'Cannot shuffle the documents of "{1}": no [EOS] is between any two':
    'Não é possível embaralhar os documentos de "{1}": não há [EOS] entre dois deles',
  "Cannot make batches of {1} epochs":
    "Não é possível fazer lotes de {1} épocas",
  'Cannot read window {1}: "{2}" has {3}':
    'Não é possível ler a janela {1}: "{2}" tem {3}',
  "Cannot continue from position {1}: it is no count of windows":
    "Não é possível continuar da posição {1}: não é uma contagem de janelas",
  'Cannot describe the data in "{1}": there is no dataset.json':
    'Não é possível descrever os dados em "{1}": não há dataset.json',
  "Cannot describe the data in \"{1}\": the model's tokenizer is another than the dataset's":
    'Não é possível descrever os dados em "{1}": o tokenizador do modelo não é o do conjunto de dados',
  // Training.
  'Cannot start a run in "{1}": it holds {2}; use resume, or another --output':
    'Não é possível começar um treino em "{1}": ali já está {2}; use resume, ou outro --output',
  'Cannot continue from "{1}" as {2}: its {3} is {4}, not {5}':
    'Não é possível continuar de "{1}" como {2}: {3} é {4}, e não {5}',
  'Cannot continue from "{1}": it has no {2} of {3}':
    'Não é possível continuar de "{1}": não tem {2} de {3}',
  "Cannot use averaged weights: the recipe has none":
    "Não é possível usar médias dos pesos: a receita não as tem",
  'Cannot continue from "{1}": it is a finished model without optimizer state':
    'Não é possível continuar de "{1}": é um modelo acabado, sem o estado do otimizador',
  'Cannot continue from "{1}": it is a finished model without optimizer state; give a checkpoint_N.mpk, or begin anew with train --init-from':
    'Não é possível continuar de "{1}": é um modelo pronto, sem o estado do otimizador; dê um checkpoint_N.mpk, ou comece de novo com train --init-from',
  "Cannot evaluate: give data or input, one of them":
    "Não é possível avaliar: dê data ou input, um dos dois",
  "Cannot use {1}: the optimizer is {2}":
    "Não é possível usar {1}: o otimizador é {2}",
  "Cannot use {1}: the schedule is {2}":
    "Não é possível usar {1}: o andamento é {2}",
  "Cannot train: {1} and {2} are both given":
    "Não é possível treinar: {1} e {2} foram ambos dados",
  "Cannot train on {1} tokens: give a whole number from 1 on":
    "Não é possível treinar com {1} tokens: dê um número inteiro a partir de 1",
  "Cannot train for {1} hours: give a number above 0, up to {2}":
    "Não é possível treinar por {1} horas: dê um número acima de 0, até {2}",
  "Cannot evaluate documents: give a model":
    "Não é possível avaliar documentos: dê um modelo",
  "Cannot evaluate documents: give texts or data":
    "Não é possível avaliar documentos: dê texts ou data",
  'Cannot evaluate documents: a baseline is one of {1}, not "{2}"':
    'Não é possível avaliar documentos: uma referência é um destes: {1}, e não "{2}"',
  'Cannot evaluate "{1}": there is no text':
    'Não é possível avaliar "{1}": não há texto',
  'Cannot evaluate "{1}": with its tokenizer the dataset has other documents than with the first model\'s; compare them on a text':
    'Não é possível avaliar "{1}": com o tokenizador dele, o conjunto de dados tem outros documentos que com o do primeiro modelo; compare-os em um texto',
  'Cannot learn from "{1}": it has more than 64 Mi characters':
    'Não é possível aprender de "{1}": tem mais de 64 Mi caracteres',
  "Cannot compress: {1} ended with code {2}: {3}":
    "Não é possível comprimir: {1} terminou com o código {2}: {3}",
  "Cannot compress: 7z does not tell a size":
    "Não é possível comprimir: o 7z não diz um tamanho",
  'Cannot write "{1}": it is no report of {2}; give another {3}':
    'Não é possível gravar "{1}": não é um relatório de {2}; dê outro {3}',
  "Cannot train: modelSize and modelConfig are both given":
    "Não é possível treinar: foram dados modelSize e modelConfig",
  'Cannot start from "{1}": its {2} is {3}, not {4}':
    'Não é possível começar de "{1}": seu {2} é {3}, e não {4}',
  'Cannot continue from "{1}": the run used another tokenizer':
    'Não é possível continuar de "{1}": o treino usou outro tokenizador',
  'Cannot continue from "{1}": all {2} steps are done; say how many more with --additional-steps':
    'Não é possível continuar de "{1}": todos os {2} passos estão feitos; diga quantos mais com --additional-steps',
  "Cannot go on training: {1}": "Não é possível continuar o treino: {1}",
  "Cannot go on training: {1}; {2}/{3} is whole":
    "Não é possível continuar o treino: {1}; {2}/{3} está inteiro",
  "Cannot train with {1} windows of {2} tokens: {3}; {4}":
    "Não é possível treinar com {1} janelas de {2} tokens: {3}; {4}",
  "Cannot train with {1} windows of {2} tokens: {3}; {4}; {5}/{6} is whole":
    "Não é possível treinar com {1} janelas de {2} tokens: {3}; {4}; {5}/{6} está inteiro",
  "Cannot train with {1} windows of {2} tokens: they take {3} GB and {4}; only a smaller model would fit":
    "Não é possível treinar com {1} janelas de {2} tokens: ocupam {3} GB, e {4}; só um modelo menor caberia",
  "Cannot train with {1} windows of {2} tokens: they take {3} GB and {4}; try --batch-size {5} --seq-len {6}":
    "Não é possível treinar com {1} janelas de {2} tokens: ocupam {3} GB, e {4}; tente --batch-size {5} --seq-len {6}",
  "only a smaller model would fit": "só um modelo menor caberia",
  "other programs may hold some of its memory":
    "outros programas podem estar usando parte da memória dela",
  "{1} would fit": "{1} caberia",
  "Cannot go on training: the gradients of {1} steps in a row, up to step {2}, were not finite; use a lower learning rate":
    "Não é possível continuar o treino: os gradientes de {1} passos seguidos, até o passo {2}, não foram finitos; use uma taxa de aprendizado menor",
  "Cannot go on training: the gradients of {1} steps in a row, up to step {2}, were not finite; going back to {3} with lower rates has not helped {4} times":
    "Não é possível continuar o treino: os gradientes de {1} passos seguidos, até o passo {2}, não foram finitos; voltar a {3} com taxas menores não ajudou {4} vezes",
  "Cannot evaluate: there are no tokens to predict":
    "Não é possível avaliar: não há tokens a prever",
  "Cannot evaluate: there is no text": "Não é possível avaliar: não há texto",
  "Cannot compute a loss: there are no targets":
    "Não é possível calcular uma perda: não há alvos",
  "Cannot compute a loss: {1} logits are not {2} rows":
    "Não é possível calcular uma perda: {1} logits não são {2} linhas",
  "Cannot compute a loss: of {1} tokens none is {2}":
    "Não é possível calcular uma perda: de {1} tokens, nenhum é {2}",
  "Cannot use clipNorm {1} and maxGradNorm {2}: they are one field":
    "Não é possível usar clipNorm {1} e maxGradNorm {2}: são um só campo",
  "Cannot use layerNormEps {1}: it is {2} in all models":
    "Não é possível usar layerNormEps {1}: é {2} em todos os modelos",
  // Models in use.
  'Cannot use "{1}" with this tokenizer: it has {2} tokens, the model {3}':
    'Não é possível usar "{1}" com este tokenizador: ele tem {2} tokens, e o modelo, {3}',
  'Cannot use "{1}" with this tokenizer: it was trained with another':
    'Não é possível usar "{1}" com este tokenizador: o modelo foi treinado com outro',
  "Cannot generate: the tokenizer has {1} tokens, the model {2}":
    "Não é possível gerar: o tokenizador tem {1} tokens, e o modelo, {2}",
  "Cannot choose a token: the model's logits are not numbers":
    "Não é possível escolher um token: os logits do modelo não são números",
  "Cannot list tokens: the logits are not numbers":
    "Não é possível listar tokens: os logits não são números",
  "Cannot compute: no id is given":
    "Não é possível calcular: nenhum id foi dado",
  "Cannot compute: the model has {1} ids, none is {2}":
    "Não é possível calcular: o modelo tem {1} ids, e nenhum é {2}",
  "Cannot sample at a temperature of {1}":
    "Não é possível sortear com temperatura {1}",
  "Cannot sample among the {1} likeliest tokens":
    "Não é possível sortear entre os {1} tokens mais prováveis",
  "Cannot sample among tokens that reach a probability of {1}":
    "Não é possível sortear entre os tokens que somam a probabilidade {1}",
  "Cannot sample among {1} tokens: at most {2}":
    "Não é possível sortear entre {1} tokens: no máximo {2}",
  "Cannot choose token {1}: the model has {2}":
    "Não é possível escolher o token {1}: o modelo tem {2}",
  "Cannot begin a session: the tokenizer has {1} tokens, the model {2}":
    "Não é possível começar uma sessão: o tokenizador tem {1} tokens, e o modelo, {2}",
  "Cannot feed token {1}: the model has {2}":
    "Não é possível dar o token {1} ao modelo: ele tem {2}",
  "Cannot feed the session: give a text, or a list of ids":
    "Não é possível alimentar a sessão: dê um texto ou uma lista de ids",
  "Cannot feed text: the session has no tokenizer":
    "Não é possível dar texto ao modelo: a sessão não tem tokenizador",
  "Cannot say what follows: nothing was fed yet":
    "Não é possível dizer o que se segue: nada foi dado ao modelo ainda",
  "Cannot restore a session: it is of another shape":
    "Não é possível restaurar uma sessão: ela tem outra forma",
  "Cannot use the session: it was disposed of":
    "Não é possível usar a sessão: ela já foi encerrada",
  "Cannot use the session: await the call before, or fork it":
    "Não é possível usar a sessão: espere a chamada anterior, ou faça uma cópia com fork",
  // The processor.
  'Cannot choose OpenBLAS\'s kernels: it knows no "{1}", but auto, {2}':
    'Não é possível escolher os kernels do OpenBLAS: ele não conhece "{1}", e sim auto, {2}',
  "Cannot choose OpenBLAS's kernels: no permission to set {1} (--allow-env={2})":
    "Não é possível escolher os kernels do OpenBLAS: sem permissão para definir {1} (--allow-env={2})",
  "no permission for foreign code (--allow-ffi)":
    "sem permissão para código nativo (--allow-ffi)",
  "it is not there": "não existe",
  "it does not export cblas_sgemm and cblas_sgemv":
    "não exporta cblas_sgemm nem cblas_sgemv",
  "it is built without threads, so not safe for ours":
    "foi compilada sem threads, portanto não é segura para as nossas",
  "it is not OpenBLAS, BLIS, MKL or Accelerate":
    "não é OpenBLAS, BLIS, MKL nem Accelerate",
  'Cannot use the BLAS "{1}": {2}': 'Não é possível usar a BLAS "{1}": {2}',
  "Cannot start the cpu backend: threads must be from 1 to {1}, not {2}":
    "Não é possível iniciar o backend cpu: o número de threads tem de ser de 1 a {1}, e não {2}",
  "Cannot start the cpu backend: this runtime's WebAssembly lacks relaxed SIMD or threads (Deno 2.9 has both)":
    "Não é possível iniciar o backend cpu: falta relaxed SIMD ou threads ao WebAssembly deste ambiente (o Deno 2.9 tem os dois)",
  "Cannot start the cpu backend: no address space for a shared memory of {1} MiB or more":
    "Não é possível iniciar o backend cpu: não há espaço de endereços para uma memória compartilhada de {1} MiB ou mais",
  "Cannot slice a memory at {1}: not a multiple of {2}":
    "Não é possível dividir uma memória em {1}: não é múltiplo de {2}",
  "Cannot allocate {1} bytes: not a size":
    "Não é possível alocar {1} bytes: não é um tamanho",
  "Cannot allocate {1} MiB: {2} of {3} MiB are in use, so at most {4} MiB fit":
    "Não é possível alocar {1} MiB: {2} de {3} MiB estão em uso, portanto cabem no máximo {4} MiB",
  "Cannot run {1}: the backend is disposed":
    "Não é possível executar {1}: o backend já foi encerrado",
  "Cannot run {1}: thread {2}: {3}":
    "Não é possível executar {1}: thread {2}: {3}",
  "Cannot start CPU thread {1}: {2}":
    "Não é possível iniciar a thread {1} da CPU: {2}",
  // The graphics card.
  "the system shows no GPU": "o sistema não mostra nenhuma GPU",
  "Cannot compute: a call takes {1} MiB at once and the adapter at most {2} MiB; use a smaller batch or shorter sequences":
    "Não é possível calcular: uma chamada ocupa {1} MiB de uma vez, e o adaptador aceita no máximo {2} MiB; use um lote menor ou sequências mais curtas",
  "no adapter was found; is a Vulkan, Metal or DX12 driver in?":
    "nenhum adaptador foi encontrado; há um driver Vulkan, Metal ou DX12 instalado?",
  "{1} has no timestamp queries, which a profile needs":
    "{1} não mede tempos, e um perfil precisa disso",
  "the only adapter, {1}, is a CPU; the cpu backend is faster":
    "o único adaptador, {1}, é uma CPU; o backend cpu é mais rápido",
  "{1} has a {2} of {3}, and {4} are needed":
    "{1} tem {2} de {3}, e são precisos {4}",
  "{1} has a minStorageBufferOffsetAlignment of {2}, and at most {3} will do":
    "{1} tem minStorageBufferOffsetAlignment de {2}, e no máximo {3} serve",
  "Cannot compute: {1}": "Não é possível calcular: {1}",
  "Cannot start the webgpu backend: {1}":
    "Não é possível iniciar o backend webgpu: {1}",
  "Cannot compute: {1} rows of a matrix are more than the {2} values that the adapter takes at once":
    "Não é possível calcular: {1} linhas de uma matriz são mais que os {2} valores que o adaptador aceita de uma vez",
  "Cannot compute: token ids chosen among {1} need not be below {2}":
    "Não é possível calcular: ids de tokens escolhidos entre {1} podem passar de {2}",
  "Cannot compute: token id {1} is not below {2}":
    "Não é possível calcular: o id {1} de um token não é menor que {2}",
  "Cannot compute: the token ids are on the device only":
    "Não é possível calcular: os ids dos tokens só estão no dispositivo",
  "Cannot allocate {1} MiB: the adapter allows buffers of at most {2} MiB":
    "Não é possível alocar {1} MiB: o adaptador aceita buffers de no máximo {2} MiB",
  "the device cannot hold {1} MiB more than the {2} MiB in use":
    "o dispositivo não comporta {1} MiB além dos {2} MiB em uso",
  "Cannot compute: {1} rows of {2} values are more than the {3} that the adapter takes at once":
    "Não é possível calcular: {1} linhas de {2} valores são mais que os {3} que o adaptador aceita de uma vez",
  "Cannot keep the tuning: no permission to ask for the home folder; use deno task tune":
    "Não é possível guardar os ajustes: sem permissão para saber a pasta pessoal; use deno task tune",
  'Cannot read "{1}": it is not a tuning file':
    'Não é possível ler "{1}": não é um arquivo de ajustes',
  "an entry makes no sense": "uma entrada não faz sentido",
  "an unknown tiling": "uma divisão em blocos desconhecida",
  "it is not the record of a run": "não é o registro de um treino",
  'Cannot write into "{1}": a training is there; give another --output':
    'Não é possível gravar em "{1}": ali já há um treino; indique outro --output',
  "Cannot continue for {1} steps: give a whole number from 1 on":
    "Não é possível continuar por {1} passos: dê um número inteiro a partir de 1",
  "Cannot generate: {1} must be a whole number from {2} on, not {3}":
    "Não é possível gerar: {1} tem de ser um número inteiro a partir de {2}, e não {3}",
};
