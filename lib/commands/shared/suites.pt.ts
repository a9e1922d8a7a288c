/** What suites are, in Portuguese, for the help of `evaluate`. */

/** `ABOUT_SUITES` of `suites.ts`. */
export const ABOUT_SUITES_PT =
  "--suite pairs pergunta qual de duas frases é a mais provável, em 32 fenômenos da gramática;\n" +
  "com --learn-from, também aos n-gramas daquele texto. calame e lambada pedem a última palavra\n" +
  "de textos: arquivos com sentence e last_word, ou text. text olha 20 textos que o modelo escreve.";
