/**
 * What others say in the errors shown: the system, Deno, and the words that
 * stand in our own messages as they are.
 */

import type { Translations } from "../language.ts";

export const system: Translations = {
  // Deno, with the number of the system's error behind.
  "{1} (os error {2})": "{1} (erro {2} do sistema)",
  "Operation not permitted": "operação não permitida",
  "No such file or directory": "não existe esse arquivo ou pasta",
  "The system cannot find the file specified.":
    "o sistema não encontra o arquivo",
  "The system cannot find the path specified.":
    "o sistema não encontra a pasta",
  "Permission denied": "permissão negada",
  "Access is denied.": "acesso negado",
  "File exists": "já existe",
  "Not a directory": "não é uma pasta",
  "Is a directory": "é uma pasta",
  "Directory not empty": "a pasta não está vazia",
  "File name too long": "o nome do arquivo é longo demais",
  "Too many levels of symbolic links": "atalhos demais levam uns aos outros",
  "Too many open files": "há arquivos abertos demais",
  "Invalid argument": "argumento inválido",
  "Input/output error": "erro de leitura ou gravação do dispositivo",
  "No space left on device": "o disco está cheio",
  "the file is larger than the system allows (see ulimit -f)":
    "o arquivo é maior do que o sistema permite (veja ulimit -f)",
  "the disk quota is used up": "a cota de disco se esgotou",
  "Disk quota exceeded": "a cota de disco se esgotou",
  "File too large": "o arquivo é grande demais",
  "Read-only file system": "o sistema de arquivos é só de leitura",
  "Invalid cross-device link": "origem e destino estão em discos diferentes",
  "Resource busy": "o recurso está em uso",
  "Device or resource busy": "o dispositivo ou recurso está em uso",
  "Text file busy": "o arquivo está em execução",
  "Cannot allocate memory": "não há memória",
  "Broken pipe": "quem lia a saída se foi",
  "Address already in use": "o endereço já está em uso",
  "Cannot assign requested address": "o endereço não é desta máquina",
  "Network is unreachable": "a rede não pode ser alcançada",
  "No route to host": "não há caminho até o servidor",
  "Connection refused": "conexão recusada",
  "Connection reset by peer": "o servidor cortou a conexão",
  "Connection timed out": "o tempo da conexão se esgotou",
  // Deno itself.
  'Requires read access to "{1}", run again with the {2} flag':
    'precisa de acesso de leitura de "{1}"; execute de novo com {2}',
  'Requires write access to "{1}", run again with the {2} flag':
    'precisa de acesso de gravação em "{1}"; execute de novo com {2}',
  'Requires net access to "{1}", run again with the {2} flag':
    'precisa de acesso de rede a "{1}"; execute de novo com {2}',
  'Requires env access to "{1}", run again with the {2} flag':
    'precisa de acesso ao ambiente, "{1}"; execute de novo com {2}',
  'Requires run access to "{1}", run again with the {2} flag':
    'precisa de acesso de execução de "{1}"; execute de novo com {2}',
  'Requires ffi access to "{1}", run again with the {2} flag':
    'precisa de acesso a código nativo em "{1}"; execute de novo com {2}',
  'Requires sys access to "{1}", run again with the {2} flag':
    'precisa de acesso ao sistema, "{1}"; execute de novo com {2}',
  "The operation was aborted": "a operação foi interrompida",
  "The signal has been aborted": "a operação foi interrompida",
  "Signal timed out.": "o tempo se esgotou",
  "error sending request for url ({1})": "não foi possível pedir {1}",
  "error sending request for url ({1}): {2}": "não foi possível pedir {1}: {2}",
  "client error (Connect)": "a conexão não se abriu",
  "client error (Connect): {1}": "a conexão não se abriu: {1}",
  "client error (SendRequest): {1}": "o pedido não foi enviado: {1}",
  "connection error: {1}": "erro de conexão: {1}",
  "connection closed before message completed":
    "a conexão se fechou antes do fim da mensagem",
  "dns error: {1}": "erro de DNS: {1}",
  "tcp connect error: {1}": "erro de conexão TCP: {1}",
  "error reading a body from connection": "a leitura da resposta falhou",
  "error reading a body from connection: {1}":
    "a leitura da resposta falhou: {1}",
  "error decoding response body": "a resposta não pôde ser decodificada",
  "failed to lookup address information: {1}":
    "o endereço do servidor não foi encontrado: {1}",
  "Name or service not known": "nome ou serviço desconhecido",
  "Temporary failure in name resolution":
    "falha temporária na resolução de nomes",
  "unexpected end of file": "fim inesperado do arquivo",
  "deadline has elapsed": "o tempo se esgotou",
  "invalid peer certificate: {1}": "certificado inválido do servidor: {1}",
  "Bad resource ID": "o arquivo já foi fechado",
  // JSON, as V8 reads it.
  "Unexpected end of JSON input": "o JSON termina antes do fim",
  "Unexpected token '{1}', {2} is not valid JSON":
    "sinal inesperado '{1}'; {2} não é JSON válido",
  "Expected property name or '}' in JSON at position {1} (line {2} column {3})":
    "falta o nome de uma propriedade ou '}' no JSON (linha {2}, coluna {3}, posição {1})",
  "Invalid string length": "um texto é longo demais",
  "Array buffer allocation failed": "não há memória bastante",
  // What reads XML and TOML.
  "{1}: text data outside of root node.": "{1}: texto fora do elemento raiz",
  "{1}: document must contain a root element.":
    "{1}: falta um elemento raiz no documento",
  "{1}: documents may contain only one root.":
    "{1}: um documento só pode ter um elemento raiz",
  "{1}: unclosed tag: {2}": "{1}: elemento sem fim: {2}",
  "{1}: unexpected close tag.": "{1}: fim inesperado de elemento",
  "{1}: unmatched closing tag: {2}.": "{1}: fim de elemento sem começo: {2}",
  "{1}: unexpected end.": "{1}: fim inesperado",
  "{1}: disallowed character.": "{1}: caractere não permitido",
  "{1}: disallowed character in tag name":
    "{1}: caractere não permitido no nome de um elemento",
  "{1}: malformed character entity.": "{1}: entidade de caractere malformada",
  "{1}: undefined entity.": "{1}: entidade indefinida",
  "Cannot read {1}: line {2}: {3}": "Não é possível ler {1}: linha {2}: {3}",
  "illegal character in key": "caractere não permitido em uma chave",
  "incomplete key-value: cannot find end of key": "falta o fim de uma chave",
  "invalid value": "valor inválido",
  "unexpected token": "sinal inesperado",
  "control characters are not allowed in comments":
    "caracteres de controle não são permitidos em comentários",
  "control characters are not allowed in strings":
    "caracteres de controle não são permitidos em textos",
  "document contains an unsafe property": "uma chave tem um nome não permitido",
  "document contains excessively nested structures. aborting.":
    "há listas ou tabelas aninhadas demais",
  "each key-value declaration must be followed by an end-of-line":
    "falta o fim da linha depois de um valor",
  "expected comma or end of structure":
    "falta uma vírgula ou o fim da lista ou da tabela",
  "expected end of table array declaration":
    "falta o fim do nome de uma lista de tabelas",
  "illegal empty bare key": "uma chave está vazia",
  "illegal leading zero": "um número começa com zero",
  "illegal quoted key: multiline strings are not allowed":
    "uma chave não pode ter várias linhas",
  "illegal underscore": "sublinhado fora do lugar em um número",
  "illegal character in numeric literal":
    "caractere não permitido em um número",
  "integer value cannot be represented losslessly":
    "um número inteiro é grande demais",
  "invalid date": "data inválida",
  "invalid date-time: date part is malformed":
    "data e hora inválidas: a data está malformada",
  "invalid date-time: time part is malformed":
    "data e hora inválidas: a hora está malformada",
  "invalid escape: only line-ending whitespace may be escaped":
    "só espaços no fim da linha podem vir depois da barra invertida",
  "invalid non-hex character in unicode escape":
    "uma sequência de Unicode tem um caractere que não é hexadecimal",
  "invalid unicode escape": "sequência de Unicode inválida",
  "trying to redefine an already defined table or value":
    "uma tabela ou um valor é definido pela segunda vez",
  "trying to redefine an already defined value":
    "um valor é definido pela segunda vez",
  "unexpected end of key": "fim inesperado de uma chave",
  "unfinished array": "uma lista não tem fim",
  "unfinished numeric value": "um número não tem fim",
  "unfinished string": "um texto não tem fim",
  "unfinished table": "uma tabela não tem fim",
  "unrecognised escape sequence": "sequência de escape desconhecida",
  // Words within our messages.
  "FILE": "ARQUIVO",
  "FOLDER": "PASTA",
  "PATH": "CAMINHO",
  "TEXT": "TEXTO",
  'Cannot use "{1}" as {2}: it is text, which {3}':
    'Não é possível usar "{1}" como {2}: é texto, que {3}',
  'Cannot use "{1}" as text: it is {2}':
    'Não é possível usar "{1}" como texto: é {2}',
  'Cannot use "{1}" as {2}: it is empty':
    'Não é possível usar "{1}" como {2}: está vazio',
  'model "{1}"': 'o modelo "{1}"',
  'checkpoint "{1}"': 'o checkpoint "{1}"',
  'tokenizer "{1}"': 'o tokenizador "{1}"',
  "the cpu backend can use {1}": "o backend cpu pode usar {1}",
  "{1} of {2} GB are free": "há {1} de {2} GB livres",
  'config "{1}"': 'a configuração "{1}"',
  'recipe "{1}"': 'a receita "{1}"',
  "the recipe": "a receita",
  'model configuration "{1}"': 'a configuração do modelo "{1}"',
  "the model configuration": "a configuração do modelo",
  'Cannot read the training configuration: unknown field "{1}"':
    'Não é possível ler a configuração do treino: campo desconhecido "{1}"',
  'Cannot read the model configuration: unknown field "{1}"':
    'Não é possível ler a configuração do modelo: campo desconhecido "{1}"',
  // Options that another command has.
  "--additional-steps says how many more":
    "--additional-steps diz quantos passos a mais",
  "a run keeps its recipe; train --init-from begins another with its weights":
    "um treino mantém sua receita; train --init-from começa outro com seus pesos",
  'Cannot read "{1}": its files are being replaced: {2}':
    'Não é possível ler "{1}": seus arquivos estão sendo substituídos: {2}',
  'Cannot read "{1}": putting its files in place was cut short; run again what makes them':
    'Não é possível ler "{1}": a colocação de seus arquivos foi interrompida; execute de novo o que os faz',
  'Cannot write "{1}" as one with what is in "{2}"':
    'Não é possível gravar "{1}" junto com o que está em "{2}"',
  'Cannot read "{1}": it is no record of files being put in place; remove it':
    'Não é possível ler "{1}": não é um registro de arquivos sendo postos no lugar; remova-o',
  "it was changed after it was made: its SHA-256 is not that of manifest.json":
    "foi alterado depois de feito: seu SHA-256 não é o de manifest.json",
  'Cannot verify "{1}": {2}': 'Não é possível verificar "{1}": {2}',
  'Cannot verify "{1}": it holds no file of ours':
    'Não é possível verificar "{1}": não contém nenhum arquivo nosso',
  "a file of ours": "um arquivo nosso",
  "its {1}.bin: {2}": "seu {1}.bin: {2}",
  "its {1}: {2}": "seu {1}: {2}",
  "the files beside it were made with another tokenizer":
    "os arquivos ao lado foram feitos com outro tokenizador",
  "others take it and leave it again": "outros a tomam e a deixam de novo",
  "Cannot listen on {1}: {2}": "Não é possível escutar em {1}: {2}",
  "the port is in use by another program; --port takes another, 0 any that is free":
    "a porta está em uso por outro programa; --port aceita outra, e 0 qualquer uma livre",
};
