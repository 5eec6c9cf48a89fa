/* windows.h - time series cut into windows: so many rows of history, and the rows to
 * forecast from them.
 *
 * A window is known by its origin, the last row of its history.  It forecasts rows
 * origin + lead … origin + lead + horizon - 1, which lie in one split.  Training
 * windows lie in the training split as a whole; windows of the other splits may look
 * back over a border, into their past.
 *
 * Windows come in two ways:
 *
 *   shuffled  in the order of order.h; a batch is the next `rows` of them
 *   streams   all windows in order, cut into `rows` consecutive parts that are gone
 *             through side by side, the first parts one window longer; a batch is the
 *             next window of every part.  For scoring: which rank has which windows
 *             depends on the number of ranks alone, sums have a fixed order. */
#ifndef LOCKSTEP_DATA_WINDOWS_H
#define LOCKSTEP_DATA_WINDOWS_H

#include "data/batch_slot.h"
#include "data/series.h"

/* Which windows there are, and how much of the table comes with one. */
typedef struct {
  int window;  /* rows that the model sees: all of them exist */
  int history; /* rows that are handed out, at least `window` */
  int lead;    /* 1: the first row to forecast is the next one */
  int horizon; /* rows to forecast */
  int stride;  /* rows between training windows */
  int fold;    /* walk-forward: this one of `folds`, from 1; 0: the dataset's splits */
  int folds;
} lks_window_plan;

/* Rows of the table that a window spans. */
int lks_window_span(const lks_window_plan *plan);

/* Rows first … end-1 of a series that belong to a split.  In fold k of K the test split
 * is the k-th K-th part of the dataset's; as many rows as the validation split has lie
 * right before it for validation, and everything before those is for training. */
void lks_window_borders(const lks_window_plan *plan, const lks_series *series, lks_split split,
                        int64_t *first, int64_t *end);

typedef struct {
  lks_window_plan plan;
  lks_split split;
  int rows;      /* of a global batch: most of them, with streams */
  int shards;    /* V; with streams at most that many */
  bool streams;  /* else samples */
  bool shuffled; /* samples only */
  uint64_t seed;
  int terms; /* of the loss, of one window */
  int rank, ranks;
} lks_windows_setup;

typedef struct lks_windows lks_windows;

/* `dataset` is borrowed and outlives this.  Fails with LKS_DATA when the split has no
 * window. */
lks_status lks_windows_create(lks_windows **windows, lks_dataset *dataset,
                              const lks_windows_setup *setup);
void lks_windows_destroy(lks_windows *windows);

/* Windows of the split; batches of an epoch; most rows of this rank. */
int64_t lks_windows_count(const lks_windows *windows);
int64_t lks_windows_batches(const lks_windows *windows);
int lks_windows_rows(const lks_windows *windows);
const lks_rows *lks_windows_full_rows(const lks_windows *windows);

/* Makes batch `index` of epoch `epoch`.  Only from a job of the I/O thread. */
lks_status lks_windows_fill(lks_windows *windows, int64_t epoch, int64_t index,
                            lks_batch_slot *slot);

#endif
