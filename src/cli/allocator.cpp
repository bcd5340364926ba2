// jemalloc reads this as the program starts (docs/adr/0045). It keeps freed memory for ten seconds by itself; a command's phases
// need much memory one after the other, and would add up.

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
extern "C" const char* malloc_conf;
const char* malloc_conf = "dirty_decay_ms:100,muzzy_decay_ms:0";
