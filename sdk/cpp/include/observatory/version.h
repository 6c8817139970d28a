#pragma once

#define OBSERVATORY_VERSION "0.1.0"
