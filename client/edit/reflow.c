/*  reflow.c - where the input line went when the window became narrower */
#include "reflow.h"

bool reflow_may (int column, int columns)
{
    return columns > 0 && column >= columns;
}

int reflow_rows (int column, int columns, int reported)
{
    if (!reflow_may (column, columns) || reported == columns - 1)
        return 0;
    return reported == column % columns ? column / columns : 0;
}
