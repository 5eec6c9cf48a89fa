/* subwords.h - words cut into pieces by a SentencePiece model (Kudo and Richardson 2018).
 *
 * The shim around the library, whose language is C++: subwords.cpp is the only such file.
 * A piece that begins a word starts with U+2581; joined, with U+2581 as a space, the pieces
 * of a line are its words again. */
#ifndef LOCKSTEP_TEXT_SUBWORDS_H
#define LOCKSTEP_TEXT_SUBWORDS_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LKS_SUBWORD_SPACE "\xE2\x96\x81"

typedef struct lks_subwords lks_subwords;

/* Reads a model from memory.  Fails with LKS_DATA when it is none. */
lks_status lks_subwords_open(lks_subwords **subwords, const void *model, size_t bytes);
void lks_subwords_close(lks_subwords *subwords);

/* Calls visit for every piece of a line, in order.  The piece is no text with a final zero
 * byte and is gone after the call. */
lks_status lks_subwords_cut(const lks_subwords *subwords, const char *line, size_t bytes,
                            lks_status (*visit)(void *context, const char *piece, size_t bytes),
                            void *context);

typedef struct {
  int pieces; /* of the model, three special ones among them; fewer when the text is small */
  int lines;  /* of the text that are learnt from, drawn evenly; 0: all */

  /* Gives the next line: *line[*bytes], or a NULL line at the end. */
  lks_status (*next)(void *context, const char **line, size_t *bytes);
  void *context;
} lks_subwords_training;

/* Learns a unigram model; the same text gives the same model.  *model is released by the
 * caller (lks_release).  Fails with LKS_DATA when the text is too small, and with what
 * `next` failed with. */
lks_status lks_subwords_train(const lks_subwords_training *training, uint8_t **model,
                              size_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
