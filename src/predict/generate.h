/* generate.h - text from a trained language model, or for a label from a model of task
 * `generate`. */
#ifndef LOCKSTEP_PREDICT_GENERATE_H
#define LOCKSTEP_PREDICT_GENERATE_H

#include <lockstep/status.h>

#include <stdint.h>
#include <stdio.h>

typedef struct {
  const char *path;        /* a run folder or a checkpoint file */
  const char *const *sets; /* "data.file=text.h5" … */
  size_t set_count;
  const char *label;  /* that the text belongs to, or … */
  const char *vector; /* … numbers that describe it; both NULL: of a language model */
  const char *prompt; /* UTF-8, may be empty or NULL */
  int length;         /* symbols to draw a sample; with a label the most */
  int samples;        /* texts */
  float temperature;
  int top_k;   /* 0: all */
  float top_p; /* 1: all */
  uint64_t seed;
  const char *kernels; /* table name, or NULL */
  int threads;         /* 0: default */
  FILE *out;
} lks_generate_setup;

/* Writes the texts to setup->out.  One process; not collective.  Fails with
 * LKS_USAGE for a prompt with symbols outside the vocabulary (characters), naming
 * the first. */
lks_status lks_generate_run(const lks_generate_setup *setup);

#endif
