/** Errors of fine-tuning and of adapters, in Portuguese. */

import type { Translations } from "../language.ts";

export const finetuning: Translations = {
  "{1} is [{2}], the model takes [{3}]": "{1} é [{2}], o modelo pede [{3}]",
  "it has no tensors": "não tem tensores",
  'Cannot use the adapter "{1}": it was made beside another model':
    'Não é possível usar o adaptador "{1}": ele foi feito ao lado de outro modelo',
  "it is no adapter: it has neither lora_A, lora.0 nor {1}; its first tensor is {2}":
    "não é um adaptador: não tem lora_A, nem lora.0, nem {1}; seu primeiro tensor é {2}",
  "it does not say which way round its states lie; give --adapter-layout rwkv-peft or web-rwkv":
    "não diz em que sentido estão seus estados; dê --adapter-layout rwkv-peft ou web-rwkv",
  "it does not say its alpha; give --adapter-alpha":
    "não diz seu alfa; dê --adapter-alpha",
  "it is for {1}, the model is {2}": "é para {1}, o modelo é {2}",
  "it says rank {1}, its tensors have {2}":
    "diz posto {1}, seus tensores têm {2}",
  "Cannot add the adapter to {1}: its weights would not be finite":
    "Não é possível somar o adaptador a {1}: seus pesos não seriam finitos",
  'Cannot write "{1}": no adapter is trained':
    'Não é possível gravar "{1}": nenhum adaptador é treinado',
  "it has {1}, which is no part of such an adapter":
    "tem {1}, que não é parte de um adaptador assim",
  "Cannot use {1} as a model: it holds an adapter alone; resume goes on from it, and adapter.safetensors is what comes of it":
    "Não é possível usar {1} como modelo: só contém um adaptador; resume continua a partir dele, e adapter.safetensors é o que resulta",
  "train.base has no path": "train.base não tem caminho",
  'Cannot use dataset "{1}": it is damaged: its checksum is {2}, dataset.json says {3}; make it again':
    'Não é possível usar o conjunto de dados "{1}": está danificado: sua soma de verificação é {2}, dataset.json diz {3}; faça-o de novo',
  "Cannot use {1} {2}: it is a text": "Não é possível usar {1} {2}: é um texto",
  "an adapter": "um adaptador",
  "it is neither safetensors nor PyTorch's .pth":
    "não é safetensors nem .pth do PyTorch",
  "Cannot load a checkpoint: training has no adapter":
    "Não é possível carregar um checkpoint: no treino não há adaptador",
  "Cannot tune the state of {1}: only RWKV-6 and RWKV-7 have one that is a matrix":
    "Não é possível ajustar o estado de {1}: só o de RWKV-6 e RWKV-7 é uma matriz",
  "Cannot freeze {1}: the model's parts are {2}":
    "Não é possível congelar {1}: as partes do modelo são {2}",
  "Cannot adapt {1}: the model's projections are {2}":
    "Não é possível adaptar {1}: as projeções do modelo são {2}",
  "Cannot use a constant: it has no gradient":
    "Não é possível usar uma constante: não tem gradiente",
  "Cannot train a model all of which is frozen":
    "Não é possível treinar um modelo todo congelado",
  'has neither "question" and "answer" nor "messages" of role and content':
    'não tem "question" e "answer", nem "messages" com role e content',
  "ends without an answer": "termina sem resposta",
  "has an empty answer": "tem uma resposta vazia",
  'Cannot use "{1}": it has no answers':
    'Não é possível usar "{1}": não tem respostas',
  'Cannot merge "{1}" into "{2}": a state is no weight; give its file to who uses the model':
    'Não é possível fundir "{1}" a "{2}": um estado não é peso; dê o arquivo a quem usa o modelo',
  "Cannot fine-tune with loraRank, loraAlpha or loraTargets: the method is {1}":
    "Não é possível ajustar com loraRank, loraAlpha ou loraTargets: o método é {1}",
  "Cannot fine-tune with freeze: with {1} the model stays as it is":
    "Não é possível ajustar com freeze: com {1} o modelo fica como está",
  "Cannot mix in a share of {1}: it must be between 0 and 1":
    "Não é possível misturar uma parte de {1}: ela fica entre 0 e 1",
  "Cannot export for {1}: give an adapter":
    "Não é possível exportar para {1}: dê um adaptador",
  "Cannot export {1} for {2}: it has {3}":
    "Não é possível exportar {1} para {2}: ele tem {3}",
  "Cannot fine-tune for {1} epochs": "Não é possível ajustar por {1} épocas",
  'Cannot continue from "{1}" with the model "{2}": it is whole, and no adapter':
    'Não é possível continuar a partir de "{1}" com o modelo "{2}": ele é inteiro, e não um adaptador',
  'Cannot continue from "{1}": it does not say which model its adapter is for':
    'Não é possível continuar a partir de "{1}": não diz de que modelo é seu adaptador',
  'Cannot continue from "{1}": its model is not at "{2}" any more; give it with --base':
    'Não é possível continuar a partir de "{1}": seu modelo não está mais em "{2}"; dê-o com --base',
  'Cannot continue from "{1}": "{2}" is not the model that it was begun with':
    'Não é possível continuar a partir de "{1}": "{2}" não é o modelo com que começou',
};
