// SHA-256 (from libsodium) as lower-case hexadecimal.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lockstep::support {

std::string sha256(std::string_view bytes);

// The same, for data that comes in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::string_view bytes);
  std::string hex();  // call it once, at the end

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lockstep::support
