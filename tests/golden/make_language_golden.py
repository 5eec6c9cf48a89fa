#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Known scores: BLEU by NLTK, 13a tokens by regular expressions, chrF by its definition;
span F1, accuracy and macro F1 by scikit-learn.

    cd tests/golden
    for topic in translation labels; do
      /usr/bin/python3 make_language_golden.py $topic > ${topic}_golden.h
    done
"""
import random
import re
import sys
from collections import Counter

from nltk.translate.bleu_score import SmoothingFunction, corpus_bleu
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

ORDER, BETA = 6, 2
SMOOTHED = 2  # the first pairs, too short to share four words
WORDS = "the a man dog runs sits on in green park , . while two women watch Müller's straße".split()
LINES = ["Hello, world! It's 3.14 or 1,000 or 3-4 (maybe).",
         "A..b ,,c., 5.x x.5 5,. ., -7 8- 9-a a-9 &quot;x&quot; &amp;lt; &lt;b&gt; &amp;amp;",
         "\u201eDas kostet 5,00\u00a0\u20ac.\u201c  <skipped>Ende\u3000gut...", "a/b@c.d#e_f~g{h}[i]^`j`=k|l*m+n?"]


def pairs():
    draw = random.Random(5)
    yield "two green women sit here", "two women watch it sit"
    yield "a dog sits on it", "the man sits on green"
    for _ in range(12):
        reference = [draw.choice(WORDS) for _ in range(draw.randint(6, 16))]
        hypothesis = [w if draw.random() < 0.8 else draw.choice(WORDS) for w in reference]
        if draw.random() < 0.6:
            del hypothesis[draw.randrange(len(hypothesis))]
        yield " ".join(hypothesis), " ".join(reference)


def tokens_13a(line):
    for entity, character in (("<skipped>", ""), ("&quot;", '"'), ("&amp;", "&"),
                              ("&lt;", "<"), ("&gt;", ">")):
        line = line.replace(entity, character)
    line = f" {line} "
    for pattern, into in ((r"([ -&(-+/:-@\[-`{-~])", r" \1 "), (r"([^0-9])([.,])", r"\1 \2 "),
                          (r"([.,])([^0-9])", r" \1 \2"), (r"([0-9])(-)", r"\1 \2 ")):
        line = re.sub(pattern, into, line)
    return " ".join(line.split())


def grams(text, n):
    text = "".join(text.split())
    return Counter(text[i:i + n] for i in range(len(text) - n + 1))


def chrf(hypotheses, references):
    sums = [[0, 0, 0] for _ in range(ORDER)]
    for hypothesis, reference in zip(hypotheses, references):
        for n in range(ORDER):
            h, r = grams(hypothesis, n + 1), grams(reference, n + 1)
            sums[n][0] += sum(h.values()) if r else 0
            sums[n][1] += sum(r.values())
            sums[n][2] += sum((h & r).values())
    used = [s for s in sums if s[0] and s[1]]
    precision = sum(m / h for h, _, m in used) / len(used)
    recall = sum(m / r for _, r, m in used) / len(used)
    return 100 * (1 + BETA ** 2) * precision * recall / (BETA ** 2 * precision + recall)


def text_array(name, texts):
    print(f"static const char *const {name}[] = {{")
    for text in texts:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("??", "?\\?")
        print(f'    "{escaped}",')
    print("};")


def number_array(name, numbers):
    print(f"static const int32_t {name}[] = {{{', '.join(map(str, numbers))}}};")


def spans(tags):
    """(first, last, type) of IOB2 tags, whose I follow a B or an I of the same type."""
    found, start = [], None
    for i, tag in enumerate(tags + ["O"]):
        if start is not None and not tag.startswith("I-"):
            found.append((start, i - 1, tags[start][2:]))
            start = None
        if tag.startswith("B-"):
            start = i
    return found


def iob2(draw, count):
    tags = []
    while len(tags) < count:
        kind = draw.choice(["O", "O", "loc", "per", "org"])
        length = draw.randint(1, 3)
        tags += ["O"] * length if kind == "O" else [f"B-{kind}"] + [f"I-{kind}"] * (length - 1)
    return tags[:count]


def span_scores():
    draw = random.Random(7)
    gold = iob2(draw, 400)
    guess, i = [], 0
    while i < 400:  # whole stretches are right or wrong
        length = draw.randint(1, 9)
        guess += gold[i:i + length] if draw.random() < 0.7 else iob2(draw, length)
        i += length
    guess = guess[:400]
    for i, tag in enumerate(guess):  # stitches may leave an I without its B
        if tag.startswith("I-") and (i == 0 or guess[i - 1][2:] != tag[2:]):
            guess[i] = "B" + tag[1:]
    text_array("golden_gold_tags", gold)
    text_array("golden_guessed_tags", guess)
    a, b = spans(gold), spans(guess)
    every = sorted(set(a) | set(b))
    labels = ["loc", "org", "per"]
    truth = [[s in set(a) and s[2] == kind for kind in labels] for s in every]
    found = [[s in set(b) and s[2] == kind for kind in labels] for s in every]
    for kind, values in zip(labels, zip(*precision_recall_fscore_support(truth, found)[:3])):
        print(f"static const double golden_{kind}[] = {{{', '.join(repr(float(v)) for v in values)}}};")
    print(f"static const double golden_span_f1 = {f1_score(truth, found, average='micro')!r};")


def class_scores():
    draw = random.Random(9)
    gold = [draw.choice([0, 1, 1, 2, 4]) for _ in range(60)]  # class 3 never appears
    guess = [g if draw.random() < 0.6 else draw.choice([0, 1, 2]) for g in gold]
    number_array("golden_classes", gold)
    number_array("golden_guesses", guess)
    print(f"static const double golden_accuracy = {accuracy_score(gold, guess)!r};")
    print(f"static const double golden_macro_f1 = {f1_score(gold, guess, average='macro')!r};")


def translation_scores():
    hypotheses, references = map(list, zip(*pairs()))
    print(f"enum {{ GOLDEN_PAIRS = {len(hypotheses)}, GOLDEN_SMOOTHED_PAIRS = {SMOOTHED}, "
          f"GOLDEN_LINES = {len(LINES)} }};")
    text_array("golden_hypotheses", hypotheses)
    text_array("golden_references", references)
    refs = [[r.split()] for r in references]
    hyps = [h.split() for h in hypotheses]
    smoothed = corpus_bleu(refs[:SMOOTHED], hyps[:SMOOTHED],
                           smoothing_function=SmoothingFunction().method3)
    print(f"static const double golden_bleu = {100 * corpus_bleu(refs, hyps)!r};")
    print(f"static const double golden_bleu_smoothed = {100 * smoothed!r};")
    print(f"static const double golden_chrf = {chrf(hypotheses, references)!r};")
    text_array("golden_lines", LINES)
    text_array("golden_tokens", map(tokens_13a, LINES))


def label_scores():
    span_scores()
    class_scores()


def main():
    topic = sys.argv[1]
    guard = f"LOCKSTEP_TESTS_{topic.upper()}_GOLDEN_H"
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print(f"/* {topic}_golden.h - written by make_language_golden.py. */")
    print(f"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n")
    {"translation": translation_scores, "labels": label_scores}[topic]()
    print("\n#endif")


if __name__ == "__main__":
    main()
