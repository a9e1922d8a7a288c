/** What the page says where it is its own engine, in two languages. */

import { addWords } from "../../serve/page/words.js";

addWords({
  playground: ["in your browser", "no seu navegador"],
  models: ["Models", "Modelos"],
  training: ["Train", "Treinar"],
  // What a server would be blamed for elsewhere.
  lost: [
    "The engine stopped. Load the model again.",
    "O motor parou. Carregue o modelo de novo.",
  ],
  cut: ["The engine stopped in mid-text.", "O motor parou no meio do texto."],
  refused: ["This cannot be done: ", "Não é possível: "],
  refusedValue: ["This value is not possible: ", "Este valor não é possível: "],
  mostTokens: ["{} at most", "no máximo {}"],
  no_model: [
    "No model is loaded. Choose one under Models.",
    "Nenhum modelo está carregado. Escolha um em Modelos.",
  ],
  learning: [
    "The model is learning; it writes again when that has ended.",
    "O modelo está aprendendo; volta a escrever quando terminar.",
  ],
  // The models
  modelsIntro: [
    "A model runs here, in your browser: nothing you write leaves this device, and what is stored works without the network.",
    "O modelo roda aqui, no seu navegador: nada do que você escreve sai deste aparelho, e o que está guardado funciona sem rede.",
  ],
  tryDemo: ["Try the demo", "Experimentar a demonstração"],
  demoHint: [
    "A tiny model that learnt from 70 articles; it comes with this page.",
    "Um modelo minúsculo que aprendeu com 70 artigos; vem com esta página.",
  ],
  storedModels: ["Stored on this device", "Guardados neste aparelho"],
  noneStored: ["None yet.", "Nenhum por enquanto."],
  fromUrl: ["Address of a model", "Endereço de um modelo"],
  fromUrlHint: [
    "A folder with model_final.mpk and tokenizer.json, or a file of weights beside its tokenizer.json.",
    "Uma pasta com model_final.mpk e tokenizer.json, ou um arquivo de pesos ao lado do seu tokenizer.json.",
  ],
  download: ["Download", "Baixar"],
  fromFiles: ["From this device", "Deste aparelho"],
  dropHint: [
    "Choose the files of a model, or drop its folder here: weights (.mpk, .safetensors, .gguf, .pth) and tokenizer.json. A .zip that this page has saved will do.",
    "Escolha os arquivos de um modelo, ou solte a pasta dele aqui: pesos (.mpk, .safetensors, .gguf, .pth) e tokenizer.json. Serve também um .zip salvo por esta página.",
  ],
  chooseFiles: ["Choose files", "Escolher arquivos"],
  chooseFolder: ["Choose a folder", "Escolher uma pasta"],
  load: ["Load", "Carregar"],
  loaded: ["loaded", "carregado"],
  resume: ["Go on downloading", "Continuar a baixar"],
  pause: ["Pause", "Pausar"],
  delete: ["Delete", "Apagar"],
  save: ["Save as a folder (.zip)", "Salvar como pasta (.zip)"],
  partly: ["{} of {} there", "{} de {} aqui"],
  someThere: ["{} there", "{} aqui"],
  room: ["Room for {} more", "Espaço para mais {}"],
  loading: ["Loading {}…", "Carregando {}…"],
  downloading: ["Downloading {}…", "Baixando {}…"],
  storing: ["Storing {}…", "Guardando {}…"],
  deleted: ["{} was deleted.", "{} foi apagado."],
  ready: [
    "{} is ready. It computes with {}.",
    "{} está pronto. Calcula com {}.",
  ],
  onGpu: ["WebGPU on {}", "WebGPU em {}"],
  onCpu: ["SIMD WebAssembly on {} threads", "WebAssembly SIMD em {} threads"],
  onThread: [
    "SIMD WebAssembly on one thread",
    "WebAssembly SIMD em uma thread",
  ],
  noGpu: [
    "This browser offers the page no GPU.",
    "Este navegador não oferece GPU à página.",
  ],
  computeWith: ["Compute with", "Calcular com"],
  auto: ["GPU, else SIMD", "GPU, senão SIMD"],
  webgpu: ["GPU (WebGPU)", "GPU (WebGPU)"],
  simd: ["CPU (SIMD)", "CPU (SIMD)"],
  write: ["Write", "Escrever"],
  // Training
  trainingIntro: [
    "The model that is loaded learns from a text of yours, here. The copy that has learnt is stored beside it.",
    "O modelo carregado aprende com um texto seu, aqui. A cópia que aprendeu fica guardada ao lado dele.",
  ],
  lesson: ["Text to learn from", "Texto com que aprender"],
  lessonHint: [
    "Paste some pages: poems, minutes, recipes…",
    "Cole algumas páginas: poemas, atas, receitas…",
  ],
  minutes: ["Minutes", "Minutos"],
  result: ["Name of the copy", "Nome da cópia"],
  train: ["Train", "Treinar"],
  stopTraining: ["Stop and keep", "Parar e guardar"],
  trainingState: [
    "step {}, loss {}, {} tokens/s, {} of {}",
    "passo {}, perda {}, {} tokens/s, {} de {}",
  ],
  preparing: ["Preparing…", "Preparando…"],
  trained: [
    "{} has learnt and is stored. Write with it, or save it as a folder.",
    "{} aprendeu e está guardado. Escreva com ele, ou salve-o como pasta.",
  ],
  curve: ["Loss by seconds: {}", "Perda por segundos: {}"],
  curveLearnt: ["text that it learns from", "texto com que aprende"],
  curveHeldOut: ["text that it has not seen", "texto que não viu"],
  seconds: ["seconds", "segundos"],
  noModelToTrain: [
    "Load a model first, under Models.",
    "Carregue antes um modelo, em Modelos.",
  ],
  // What may go wrong, by the words of protocol.ts
  full: [
    "There is no room for this. Delete a stored model and try again.",
    "Não há espaço para isto. Apague um modelo guardado e tente de novo.",
  ],
  fullFiles: [
    "There is no room to store it, but it is loaded: it works until the page is closed.",
    "Não há espaço para guardá-lo, mas está carregado: funciona até a página ser fechada.",
  ],
  noStore: [
    "This browser lets the page store nothing (a private window, perhaps). A model can still be loaded from files.",
    "Este navegador não deixa a página guardar nada (talvez uma janela privada). Ainda é possível carregar um modelo de arquivos.",
  ],
  notAModel: [
    "This is not a model that can be used: ",
    "Isto não é um modelo utilizável: ",
  ],
  noTokenizer: [
    "The tokenizer is missing: tokenizer.json belongs beside the weights. Choose both, or the whole folder.",
    "Falta o tokenizador: o tokenizer.json fica ao lado dos pesos. Escolha os dois, ou a pasta inteira.",
  ],
  unreachable: [
    "The address cannot be reached. What has come stays; check it, or try again later. ",
    "Não é possível acessar o endereço. O que já veio fica; confira-o, ou tente mais tarde. ",
  ],
  badAddress: [
    "This is not an address.",
    "Isto não é um endereço.",
  ],
  deviceLost: [
    "The GPU was lost (the driver was restarted, or another page took it).",
    "A GPU foi perdida (o driver foi reiniciado, ou outra página a tomou).",
  ],
  outOfMemory: [
    "The model does not fit into the memory that there is. With 8 bits (deno task quantize) it takes a quarter; other tabs take memory too.",
    "O modelo não cabe na memória que há. Com 8 bits (deno task quantize) ocupa um quarto; outras abas também ocupam memória.",
  ],
  tooShort: [
    "The text is too short to learn from: a page at least.",
    "O texto é curto demais para aprender: ao menos uma página.",
  ],
  inUse: [
    "Another tab of this page is using it. Close that one and try again.",
    "Outra aba desta página o está usando. Feche-a e tente de novo.",
  ],
  other: ["It did not work: ", "Não deu certo: "],
  again: ["Try again", "Tentar de novo"],
  withSimd: ["Go on with the CPU", "Continuar com a CPU"],
  openModels: ["Show the models", "Mostrar os modelos"],
});
