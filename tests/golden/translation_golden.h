/* SPDX-License-Identifier: Apache-2.0 */
/* translation_golden.h - written by make_language_golden.py. */
#ifndef LOCKSTEP_TESTS_TRANSLATION_GOLDEN_H
#define LOCKSTEP_TESTS_TRANSLATION_GOLDEN_H

#include <stdint.h>

enum { GOLDEN_PAIRS = 14, GOLDEN_SMOOTHED_PAIRS = 2, GOLDEN_LINES = 4 };
static const char *const golden_hypotheses[] = {
    "two green women sit here",
    "a dog sits on it",
    "green . Müller's while in a sits dog . watch on while sits park",
    "the sits on while park the two sits runs green . the park",
    "the women a sits on on in women , Müller's . Müller's green women dog",
    "watch sits a , runs runs in . green",
    "two park runs sits Müller's",
    "sits watch , sits man watch green Müller's sits Müller's . man .",
    ". . park . two . sits women . , Müller's runs Müller's sits",
    "on women sits in sits",
    "on straße a two . straße while man on in . runs .",
    "straße . while runs watch while while on sits man . watch while dog park",
    "the in park a runs",
    "park watch watch Müller's dog the runs park park straße",
};
static const char *const golden_references[] = {
    "two women watch it sit",
    "the man sits on green",
    "green . Müller's the women in a sits dog . watch in while straße dog",
    "on sits on while park the . two sits runs green man , park",
    "the women a sits on dog in women . Müller's . Müller's green women dog",
    "watch sits a man straße while a in . green",
    "two park runs women sits Müller's",
    "sits watch , sits man watch green Müller's straße Müller's . man . a",
    ". . green . two . sits women . , Müller's runs Müller's sits",
    "on sits women sits in sits",
    "on straße a two women . while man on in . the .",
    "straße . women runs sits while watch on runs man . the while dog , straße",
    "dog women in park a runs",
    "park watch watch Müller's dog the runs park park straße",
};
static const double golden_bleu = 51.78596570215519;
static const double golden_bleu_smoothed = 13.432124147794273;
static const double golden_chrf = 68.93193655411228;
static const char *const golden_lines[] = {
    "Hello, world! It's 3.14 or 1,000 or 3-4 (maybe).",
    "A..b ,,c., 5.x x.5 5,. ., -7 8- 9-a a-9 &quot;x&quot; &amp;lt; &lt;b&gt; &amp;amp;",
    "„Das kostet 5,00 €.“  <skipped>Ende　gut...",
    "a/b@c.d#e_f~g{h}[i]^`j`=k|l*m+n?",
};
static const char *const golden_tokens[] = {
    "Hello , world ! It's 3.14 or 1,000 or 3 - 4 ( maybe ) .",
    "A . . b , , c . , 5 . x x . 5 5 , . . , -7 8 - 9 - a a-9 \" x \" < < b > & amp ;",
    "„Das kostet 5,00 € . “ Ende gut . . .",
    "a / b @ c . d # e _ f ~ g { h } [ i ] ^ ` j ` = k | l * m + n ?",
};

#endif
