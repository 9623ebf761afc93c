/*  core.c - placeholder, being written */ typedef int core_placeholder_t;
