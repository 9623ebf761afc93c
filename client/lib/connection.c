/*  placeholder */ typedef int lib_placeholder_t;
