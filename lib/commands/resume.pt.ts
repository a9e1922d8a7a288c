/** What `resume` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Continue a training run from a checkpoint":
    "Continua um treino a partir de um checkpoint",
  "Step number, weights, moments, learning rate, random state and data position\ncome from the checkpoint; the recipe does too. On the CPU the result is the\nsame, bit for bit, as if the run had never stopped. Steps beyond the run's\n--max-steps are done at its final learning rate. --eval-windows, --sample-every,\n--keep-last and --keep-best are those of train (config.toml beside the\ncheckpoint has them) unless given.":
    "Número do passo, pesos, momentos, taxa de aprendizado, estado do acaso e posição nos\ndados vêm do checkpoint; a receita também. Na CPU o resultado é o mesmo, bit a bit,\nque se o treino nunca tivesse parado. Passos além do --max-steps do treino são dados\ncom sua taxa de aprendizado final. --eval-windows, --sample-every, --keep-last e\n--keep-best são os do train (estão no config.toml ao lado do checkpoint), se não\nforem dados.",
  "checkpoint_N.mpk, or a folder for its newest":
    "checkpoint_N.mpk, ou uma pasta, da qual vale o mais novo",
  "the dataset the run was started with, as then":
    "o conjunto de dados com que o treino começou, como então",
  "steps to do (default: up to the run's --max-steps)":
    "passos a dar (padrão: até o --max-steps do treino)",
  "go on with data that the run was not trained on":
    "continua com dados em que o treino não foi feito",
  "The run was trained on other data: {1}":
    "O treino foi feito com outros dados: {1}",
  "checked against the checkpoint": "conferido com o checkpoint",
  "the model of an adapter's checkpoint (default: where it was then)":
    "o modelo do checkpoint de um adaptador (padrão: onde estava então)",
};
