#pragma once

#include <string>

// Runs a message bus of its own: a redis-server or a RabbitMQ on free ports of the loopback
// interface, with its files in a new folder, apart from any that the system runs. It ends with this
// program, however that ends, and so does the folder unless the program is killed.

namespace claims {

// `which`: redis or rabbitmq. Writes {"url": "redis://127.0.0.1:PORT"} to the file of --ready-file
// when the bus takes connections (and says it on standard error), and returns an exit code after
// SIGTERM or SIGINT, or when the bus ends.
int run_broker(int argc, char** argv, const std::string& which);

}  // namespace claims
