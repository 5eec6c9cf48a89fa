/* SPDX-License-Identifier: Apache-2.0 */
/* plot.c - a raster of characters; later marks cover earlier ones. */
#include "predict/plot.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { WIDTH_MAX = 160, HEIGHT_MAX = 40 };

typedef struct {
  char cell[HEIGHT_MAX][WIDTH_MAX + 1];
  int width, height;
  double low, high;
} raster;

static void widen(raster *r, double value) {
  if (isnan(value))
    return;
  if (isnan(r->low) || value < r->low)
    r->low = value;
  if (isnan(r->high) || value > r->high)
    r->high = value;
}

static void measure(raster *r, const lks_plot_point *points, int count) {
  r->low = r->high = NAN;
  for (int i = 0; i < count; i++) {
    const lks_plot_point *p = &points[i];
    const double all[] = {p->past,  p->actual, p->forecast, p->lower,
                          p->upper, p->naive,  p->seasonal};
    for (size_t j = 0; j < sizeof all / sizeof *all; j++)
      widen(r, all[j]);
  }
  if (isnan(r->low))
    r->low = r->high = 0;
  if (r->high <= r->low) {
    r->low -= 1;
    r->high += 1;
  }
}

/* The line of a value, 0 at the top. */
static int line_of(const raster *r, double value) {
  double share = (r->high - value) / (r->high - r->low);
  int line = (int)(share * (r->height - 1) + 0.5);
  return line < 0 ? 0 : line >= r->height ? r->height - 1 : line;
}

static void mark(raster *r, int column, double value, char sign) {
  if (!isnan(value))
    r->cell[line_of(r, value)][column] = sign;
}

static void draw(raster *r, const lks_plot_point *points, int count) {
  for (int i = 0; i < count; i++) {
    const lks_plot_point *p = &points[i];
    if (!isnan(p->lower) && !isnan(p->upper))
      for (int line = line_of(r, p->upper); line <= line_of(r, p->lower); line++)
        r->cell[line][i] = ':';
    mark(r, i, p->seasonal, '=');
    mark(r, i, p->naive, '-');
    mark(r, i, p->past, 'o');
    mark(r, i, p->actual, 'o');
    mark(r, i, p->forecast, '*');
  }
}

void lks_plot_print(FILE *out, const char *title, const lks_plot_point *points, int count,
                    int height) {
  raster r = {.width = count < WIDTH_MAX ? count : WIDTH_MAX,
              .height = height < HEIGHT_MAX ? height : HEIGHT_MAX};
  bool has_interval = false, has_seasonal = false;
  points += count - r.width;
  memset(r.cell, ' ', sizeof r.cell);
  measure(&r, points, r.width);
  draw(&r, points, r.width);
  for (int i = 0; i < r.width; i++) {
    has_interval = has_interval || !isnan(points[i].lower);
    has_seasonal = has_seasonal || !isnan(points[i].seasonal);
  }
  fprintf(out, "%s\n", title);
  for (int line = 0; line < r.height; line++) {
    int end = r.width;
    while (end > 0 && r.cell[line][end - 1] == ' ')
      end--;
    double value = r.high - (r.high - r.low) * line / (r.height - 1);
    fprintf(out, "%10.5g |%.*s\n", value, end, r.cell[line]);
  }
  fprintf(out, "%11s o seen  * forecast%s  - naive%s\n", "", has_interval ? "  : interval" : "",
          has_seasonal ? "  = seasonal-naive" : "");
}
