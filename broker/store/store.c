/*  store.c - placeholder, being written */ typedef int store_placeholder_t;
