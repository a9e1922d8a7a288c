/**
 * What the page's worker says by itself, in Portuguese, by the shape of it.
 *
 * @module
 */

/** The messages of `lib/site`. */
export const reasons: Readonly<Record<string, string>> = {
  "Cannot store the file: there is no room left":
    "Não é possível guardar o arquivo: não há mais espaço",
  "Cannot get {1}: there is no answer, or it may not be read from here":
    "Não é possível buscar {1}: não há resposta, ou ela não pode ser lida daqui",
  "Cannot get {1}: the server says {2}":
    "Não é possível buscar {1}: o servidor diz {2}",
  "Cannot get the kernels: the host says {1}":
    "Não é possível buscar os kernels: o servidor diz {1}",
  'Cannot get "{1}": it is no address of the web':
    'Não é possível buscar "{1}": não é um endereço da web',
  "Cannot learn from {1} tokens: at least {2} are needed":
    "Não é possível aprender com {1} tokens: são necessários ao menos {2}",
  "Cannot open the store: the browser gives this page none":
    "Não é possível abrir o armazenamento: o navegador não dá nenhum a esta página",
  'Cannot find the model "{1}"': 'Não é possível encontrar o modelo "{1}"',
  "Cannot store {1}: there is room for {2}":
    "Não é possível guardar {1}: há espaço para {2}",
  'Cannot read "{1}": it became shorter':
    'Não é possível ler "{1}": ficou mais curto',
  "Cannot find a model: no file ends in .mpk, .safetensors, .gguf, .pth or .bin":
    "Não é possível encontrar um modelo: nenhum arquivo termina em .mpk, .safetensors, .gguf, .pth ou .bin",
  'Cannot look into "{1}": it is damaged or compressed; unpack it and choose what was in it':
    'Não é possível ver o que há em "{1}": está danificado ou comprimido; descompacte-o e escolha o que havia nele',
  "Cannot go on: the device was lost ({1})":
    "Não é possível continuar: o dispositivo foi perdido ({1})",
};
