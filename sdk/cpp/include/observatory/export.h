#pragma once

// What a shared library of this SDK exports. Everything else is hidden.
#if defined(OBSERVATORY_STATIC)
#define OBSERVATORY_API
#else
#define OBSERVATORY_API __attribute__((visibility("default")))
#endif
