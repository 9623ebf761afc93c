/*  placeholder */ typedef int cli_placeholder_t;
