/* SPDX-License-Identifier: Apache-2.0 */
/* test_detokenizer.c - tokenised lines and what was written. */
#include "check.h"
#include "text/detokenizer.h"

static void lines_are_written_as_people_write_them(void) {
  static const char *const pairs[][2] = {
      {"a man , in a t-shirt , smiles .", "a man, in a t-shirt, smiles."},
      {"the dog &apos;s ball isn &apos;t red , is it ?", "the dog's ball isn't red, is it?"},
      {"we do n't know ( yet ) [ 1 ] .", "we don't know (yet) [1]."},
      {"a sign says \" go home \" , and \" stop \" .",
       "a sign says \"go home\", and \"stop\"."},
      {"&quot; ja &quot; , sagt er ; &amp; geht", "\"ja\", sagt er; & geht"},
      {"it costs $ 5 , or 20 % more : see # 3 !", "it costs $5, or 20% more: see #3!"},
      {"a saftig @-@ grünes feld and / or not", "a saftig-grünes feld and / or not"},
      {"¿ qué ? « oui » …", "¿qué? «oui»…"},
      {"&lt; b &gt; &#91; x &#93; &#124; &unknown; a&amp;b", "< b > [x] | &unknown; a&b"},
      {"  ", ""},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    lks_text text = {0};
    CHECK_OK(lks_detokenize(pairs[i][0], &text));
    CHECK_TEXT(text.data ? text.data : "", pairs[i][1]);
    lks_text_release(&text);
  }
}

const lks_test detokenizer_tests[] = {TEST(lines_are_written_as_people_write_them), TEST_END};
