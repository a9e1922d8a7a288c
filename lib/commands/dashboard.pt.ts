/** What `dashboard` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Show training runs in the browser, those under way too":
    "Mostra os treinos no navegador, também os que estão em andamento",
  "runs, or folders with runs below them, separated by commas; the --runs may be left out":
    "treinos, ou pastas que contêm treinos, separados por vírgulas; o --runs pode ser omitido",
  "port to listen on; 0 for any that is free":
    "porta em que escutar; 0 para qualquer uma livre",
  "Loss, bits per byte, learning rate, gradient norm, speed, memory and samples of\ntext, of several runs in one picture. Only this machine is answered, and nothing\nis loaded from elsewhere. Ctrl-C ends it; the runs do not notice.":
    "Perda, bits por byte, taxa de aprendizado, norma do gradiente, velocidade, memória\ne amostras de texto, de vários treinos em uma só figura. Só esta máquina é atendida,\ne nada é carregado de fora. Ctrl-C encerra; os treinos nem percebem.",
  "Open this address in a browser; Ctrl-C ends it":
    "Abra este endereço em um navegador; Ctrl-C encerra",
};
