// GCC 12's _tile_loadconfig tells the compiler of 8 of the 64 bytes that it reads, which may then be left unwritten:
// llama.cpp compiled with it crashes where the processor has AMX. setup.sh includes this before every file.
#pragma once
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>
#define _tile_loadconfig(config) __asm__ volatile("ldtilecfg\t%0" ::"m"(*(const char(*)[64])(config)))
#endif
