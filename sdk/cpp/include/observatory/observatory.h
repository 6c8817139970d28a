#pragma once

// Everything. See README.md for what is in which header.

#include "observatory/agent.h"
#include "observatory/context.h"
#include "observatory/coroutine.h"
#include "observatory/cost.h"
#include "observatory/genai.h"
#include "observatory/log.h"
#include "observatory/metrics.h"
#include "observatory/propagator.h"
#include "observatory/sampler.h"
#include "observatory/sdk.h"
#include "observatory/span.h"
#include "observatory/traced.h"
#include "observatory/tracer.h"
#include "observatory/value.h"
