/* plot.h - a forecast in a terminal: so many lines of characters. */
#ifndef LOCKSTEP_PREDICT_PLOT_H
#define LOCKSTEP_PREDICT_PLOT_H

#include <stdio.h>

/* One column of the plot; NaN where there is nothing to draw. */
typedef struct {
  double past;            /* o  what was seen */
  double actual;          /* o  what came, in the rows that are forecast */
  double forecast;        /* *  */
  double lower, upper;    /* the interval, shaded : */
  double naive, seasonal; /* -  = */
} lks_plot_point;

/* Draws `count` points, `height` lines, with a scale at the left and a legend below. */
void lks_plot_print(FILE *out, const char *title, const lks_plot_point *points, int count,
                    int height);

#endif
