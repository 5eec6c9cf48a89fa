/* inspect.h - what is in a dataset, a checkpoint or a run folder. */
#ifndef LOCKSTEP_REPORT_INSPECT_H
#define LOCKSTEP_REPORT_INSPECT_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stdio.h>

typedef struct {
  const char *path;
  bool digest; /* prints only "digest HEX": of the parameters (a run: its newest checkpoint) */
  bool full;   /* with digest: of the whole training state */
  bool state;  /* also lists the tensors and values of the training state */
  FILE *out;
} lks_inspect_setup;

lks_status lks_inspect_run(const lks_inspect_setup *setup);

#endif
