"""Holds the minimal pairs of grammar against other people's knowledge.

Verbs: what person, mood and tense a sentence asks for is found by rules of its
own, from the words around the verb; mlconjug3 must conjugate the right form so,
and must not conjugate the wrong one so. Words: hunspell's pt_BR dictionary, read
by spylls, must know every one, in the wrong sentences too.

Of 854 pairs 7 disagree, all by errors of mlconjug3 4.0.1: it has "imos" for "nós
vamos", and conjugates "atrever" as if it came of "ver" ("atrevejo").

    pip install mlconjug3 'scikit-learn==1.6.1' spylls
    deno run bench/grammar_pairs.ts > pairs.jsonl
    python bench/peers/mlconjug_pairs.py pairs.jsonl [/usr/share/hunspell/pt_BR]
"""

import collections
import json
import re
import sys
import warnings

warnings.filterwarnings("ignore")
import mlconjug3

VERBS = """
chegar sair correr cantar dormir escrever voltar trabalhar perder rir fazer ter
estar pôr poder ir vir dar ver falar comer partir ler saber querer dizer ser
viver haver arrepender queixar atrever dignar abster esforçar trazer manter
vender comprar
""".split()

SUBJUNCTIVE = r"^(Embora|É preciso que|Era preciso que|Espero que|Talvez)|como se"
PLURAL = r"^(Os|As|Eles|Elas|Meus|Estes)\b|\b(eles)\b|^Pedro e Maria| e (a|o) (menina|rapaz)\b|irmão e Maria"


def table():
    """(form -> {(infinitive, mood, tense, person)}) of all verbs."""
    found = collections.defaultdict(set)
    conjugator = mlconjug3.Conjugator(language="pt")
    for verb in VERBS:
        for mood, tenses in conjugator.conjugate(verb).conjug_info.items():
            for tense, forms in tenses.items():
                if "ompost" in tense or "Anterior" in tense:
                    continue
                if not isinstance(forms, dict):
                    continue
                for person, form in forms.items():
                    if form:
                        found[form.lower()].add((verb, mood, tense, person))
    return found


def person_of(sentence):
    if re.search(r"\b[Ee]u\b", sentence):
        return "1s"
    if re.search(r"\b[Nn]ós\b", sentence):
        return "1p"
    return "3p" if re.search(PLURAL, sentence) else "3s"


def asked(name, sentence):
    """What a sentence asks of its verb: (mood, part of the tense, person)."""
    person = person_of(sentence)
    if name.startswith("verbo "):
        return "Indicativo", "", person
    if name == "haver e fazer impessoais":
        acts = re.search(PLURAL, sentence) is not None
        return "Indicativo", "", "3p" if acts else "3s"
    if name == "subjuntivo e indicativo":
        mood = "Conjuntivo" if re.search(SUBJUNCTIVE, sentence) else "Indicativo"
        return mood, "", "3s"
    if name == "futuro do subjuntivo e infinitivo":
        if re.match(r"Se|Quando", sentence):
            return "Conjuntivo", "Futuro", "3s"
        return "Infinitivo", "Pessoal", "3s"
    if name == "infinitivo flexionado e não flexionado":
        if re.match(r"Todos sabem", sentence):
            return "Infinitivo", "Pessoal", "3s"  # the form without an ending
        return "Infinitivo", "Pessoal", person
    if name == "tempo do verbo e advérbio":
        if re.match(r"Ontem|No ano passado", sentence):
            return "Indicativo", "perfeito simples", "3s"
        return "Indicativo", "Futuro do Presente", "3s"
    return None


def difference(right, wrong):
    """The words that differ, and the words around both."""
    a, b = (re.findall(r"[\w-]+", text.lower()) for text in (right, wrong))
    if len(a) != len(b):
        return None
    return [(x, y) for x, y in zip(a, b) if x != y][0]


PERSONS = {"me": {"1s"}, "nos": {"1p"}, "se": {"3s", "3p"}}


def of_one_person(pair, forms):
    """Whether the verb has the person of the right pronoun, not of the wrong."""
    one, other = difference(pair["right"], pair["wrong"])
    verb = re.search(rf"\b{one} (\w+)", pair["right"]).group(1)
    persons = {p for _, m, _, p in forms[verb] if m == "Indicativo"}
    return bool(persons & PERSONS[one]) and not persons & PERSONS[other]


def main():
    pairs = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    forms = table()
    checked, wrong = collections.Counter(), collections.Counter()
    for pair in pairs:
        name = pair["phenomenon"]
        if name == "pronome reflexivo e sujeito":
            checked[name] += 1
            if not of_one_person(pair, forms):
                wrong[name] += 1
                print(pair["right"])
            continue
        wanted = asked(name, pair["right"])
        if wanted is None:
            continue
        mood, tense, person = wanted
        if name.startswith("verbo depois do relativo"):
            person = "1s" if " eu que " in pair["right"] else "3s"
        one, other = difference(pair["right"], pair["wrong"])

        def fits(form):
            return any(
                m == mood and tense.lower() in t.lower() and p == person
                for _, m, t, p in forms[form]
            )

        checked[name] += 1
        if not fits(one) or fits(other):
            wrong[name] += 1
            print(f"{one} / {other}: {pair['right']}  {wanted}",
                  sorted(forms[one])[:4], sorted(forms[other])[:4])
    for name, count in checked.items():
        print(f"{count:5} checked, {wrong[name]:3} disagree: {name}")
    print(f"{sum(checked.values())} pairs checked, {sum(wrong.values())} disagree")
    if len(sys.argv) > 2:
        check_words(pairs, sys.argv[2])


def check_words(pairs, dictionary):
    from spylls.hunspell import Dictionary

    known = Dictionary.from_files(dictionary)
    words = {
        word
        for pair in pairs
        for text in (pair["right"], pair["wrong"])
        for word in re.findall(r"[\w-]+", text)
    }
    strange = sorted(
        word for word in words
        if not known.lookup(word) and not known.lookup(word.lower())
    )
    print(f"{len(words)} words, unknown to the dictionary: {strange}")


main()
