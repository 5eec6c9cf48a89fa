/* prepare_subwords.h - a subword model from the training split. */
#ifndef LOCKSTEP_PREPARE_PREPARE_SUBWORDS_H
#define LOCKSTEP_PREPARE_PREPARE_SUBWORDS_H

#include "prepare/prepare_sequences.h"

/* Learns one model from all texts of the training split, in lower case when the dataset is;
 * bad samples are left out, and refused or counted when the samples are read again.
 * *model is released by the caller. */
lks_status lks_prepare_subwords(const lks_prepare_sequences *setup, lks_io_thread *helper,
                                uint8_t **model, size_t *bytes);

#endif
