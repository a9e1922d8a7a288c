/** What `quantize` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Make a model smaller and quicker: weights of 16, 8, 5 or 4 bits":
    "Deixa um modelo menor e mais rápido: pesos de 16, 8, 5 ou 4 bits",
  "where the smaller model shall stand": "onde deve ficar o modelo menor",
  "what most weights become": "o que a maioria dos pesos passa a ser",
  "sample text, by which it shows which weights matter":
    "texto de amostra, que mostra quais pesos importam",
  "how much of it is read": "quanto dele é lido",
  "a text or dataset that both models predict; may be repeated":
    "um texto ou conjunto de dados que os dois modelos preveem; pode ser repetido",
  [
    `q8, q5 and q4 round the linear maps in groups of 32 to 8, 5 and 4 bits (GGUF's
Q8_0, Q5_1, Q4_0), each group by the scale of the least squared error, and
compute with the rounded weights. The embedding has 8 bits then, and so has the
head of q5 and q4; low-rank branches have f16, vectors stay f32. Sample text
weighs errors by the inputs they meet, and helps q4 most. A LoRA given as
--adapter is merged into the weights first. What is written is a model folder
for all commands; train and resume go on from it in f32.`
  ]: `q8, q5 e q4 arredondam os mapas lineares, em grupos de 32, para 8, 5 e 4 bits
(Q8_0, Q5_1 e Q4_0 do GGUF), cada grupo pela escala de menor erro quadrático, e
calculam com os pesos arredondados. A tabela de entrada fica com 8 bits, e também
a saída em q5 e q4; os ramos de posto baixo, com f16; vetores continuam f32. O
texto de amostra pesa os erros pelas entradas que eles encontram, e ajuda mais em
q4. Um LoRA dado em --adapter é antes incorporado aos pesos. O resultado é uma
pasta de modelo para todos os comandos; train e resume continuam dela em f32.`,
  calibrating: "calibrando",
  rounding: "arredondando",
  evaluating: "avaliando",
  timing: "medindo a velocidade",
  "{1}: {2}, {3} MB of weights, of {4} MB; {5} tokens/s, before {6}":
    "{1}: {2}, {3} MB de pesos, de {4} MB; {5} tokens/s, antes {6}",
  "{1}: {2} bits per byte, before {3} ({4} %)":
    "{1}: {2} bits por byte, antes {3} ({4} %)",
};
