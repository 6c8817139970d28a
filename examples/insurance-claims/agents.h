#pragma once

// The five agents: their main functions.

namespace claims {

int run_intake(int argc, char** argv);
int run_coverage(int argc, char** argv);
int run_fraud(int argc, char** argv);
int run_valuation(int argc, char** argv);
int run_settlement(int argc, char** argv);

}  // namespace claims
