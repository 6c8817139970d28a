#include "net/grpc_status.h"

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace ao::net {

std::string EncodeStatusDetails(const Status& status, std::optional<Nanos> retry_after) {
  if (!retry_after.has_value()) return {};
  std::string out;
  protozero::pbf_writer writer(out);
  writer.add_int32(1, GrpcCodeOf(status.code()));
  writer.add_string(2, status.message());
  protozero::pbf_writer detail(writer, 3);
  detail.add_string(1, "type.googleapis.com/google.rpc.RetryInfo");
  protozero::pbf_writer retry_info(detail, 2);
  protozero::pbf_writer delay(retry_info, 1);
  if (*retry_after / kSecond != 0) delay.add_int64(1, *retry_after / kSecond);
  if (*retry_after % kSecond != 0) {
    delay.add_int32(2, static_cast<int32_t>(*retry_after % kSecond));
  }
  delay.commit();
  retry_info.commit();
  detail.commit();
  return out;
}

std::optional<std::string> DecodeHealthRequest(const std::string& message) {
  try {
    std::string service;
    protozero::pbf_reader reader(message);
    while (reader.next()) {
      if (reader.tag_and_type() ==
          protozero::tag_and_type(1, protozero::pbf_wire_type::length_delimited)) {
        service = reader.get_string();
      } else {
        reader.skip();
      }
    }
    return service;
  } catch (const protozero::exception&) {
    return std::nullopt;
  }
}

std::string EncodeHealthResponse(bool serving) {
  std::string out;
  protozero::pbf_writer(out).add_enum(1, serving ? 1 : 2);
  return out;
}

}  // namespace ao::net
