/** Errors of programs that work together, in Portuguese. */

import type { Translations } from "../language.ts";

export const distributed: Translations = {
  'Cannot use the MPI library "{1}": {2}':
    "Não é possível usar a biblioteca MPI “{1}”: {2}",
  "MPI is not used on {1}": "o MPI não é usado em {1}",
  "the loader does not say why": "o carregador não diz por quê",
  "Cannot join the other ranks: no MPI library can be used; install openmpi-bin or mpich, or give --mpi":
    "Não é possível juntar-se aos outros processos: nenhuma biblioteca MPI pode ser usada; instale openmpi-bin ou mpich, ou informe --mpi",
  "Cannot join the other ranks: no MPI library can be used ({1})":
    "Não é possível juntar-se aos outros processos: nenhuma biblioteca MPI pode ser usada ({1})",
  "Cannot join the other ranks: {1} ({2}) knows {3} of the {4} that were started; give the launcher's own library with --mpi":
    "Não é possível juntar-se aos outros processos: {1} ({2}) conhece {3} dos {4} que foram iniciados; informe com --mpi a biblioteca do próprio lançador",
  "Cannot reach the other ranks: of {1} not all have answered within {2} seconds":
    "Não é possível alcançar os outros processos: dos {1} nem todos responderam em {2} segundos",
  "Cannot reach the other ranks: MPI has failed with code {1}":
    "Não é possível alcançar os outros processos: o MPI falhou com o código {1}",
  "Cannot make {1} parts of a step: it has {2} micro-batches":
    "Não é possível dividir um passo em {1} partes: ele tem {2} microlotes",
  "Cannot train with {1} ranks: a step's gradients have {2} parts, one a rank at least":
    "Não é possível treinar com {1} processos: os gradientes de um passo têm {2} partes, ao menos uma por processo",
  "Cannot give {1} parts to {2} ranks: each takes one":
    "Não é possível dar {1} partes a {2} processos: cada um recebe uma",
  "Cannot cut {1} values into parts: theirs are {2}":
    "Não é possível cortar {1} valores em partes: as partes têm {2}",
};
