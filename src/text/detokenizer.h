/* detokenizer.h - words of a tokenised line, written as people write them.
 *
 * Takes back what the tokenizers of Moses and its like do to languages that put spaces
 * between words (rules after Koehn et al. 2007): closing punctuation and endings as 's and
 * n't join the word before, opening brackets the word behind, quotes both in turns, and
 * the escapes &apos; &quot; &amp; &lt; &gt; &#91; &#93; &#124; are read.  What was lost, as
 * capitals are, stays lost. */
#ifndef LOCKSTEP_TEXT_DETOKENIZER_H
#define LOCKSTEP_TEXT_DETOKENIZER_H

#include "base/text.h"

/* Appends the line to `text`. */
lks_status lks_detokenize(const char *line, lks_text *text);

#endif
