#pragma once

#include <string>

#include "agentkit/model.h"

// What the agents pass on: a claim as JSON, to which each adds what it found.
//
//   {"task": "<unique>", "id": "4711", "claimant", "policy": "M-1023", "type": "motor",
//    "damage": "broken windscreen", "estimate": 640, "text": "Claim 4711 by ...",
//    "findings": {"coverage": {..., "steps": 1, "tokens": 214}, ...},
//    "failed": {"fraud": "why"}}

namespace claims {

using agentkit::json;

// "Claim 4711 by Ines Costa, policy M-1023: motor, broken windscreen, estimate 640 EUR". Throws
// when it is none.
json read_claim(const std::string& text);

// What one agent found, or null.
json finding(const json& claim, const std::string& role);
// Why it could not find anything, or empty.
std::string failure(const json& claim, const std::string& role);

// A sum over all findings: "steps", "tokens".
int64_t total(const json& claim, const std::string& figure);

// What the agents tell the model about a claim, and a folder beside the program.
std::string described(const json& claim);
std::string data_file(const std::string& name);

}  // namespace claims
