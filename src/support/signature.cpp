#include "support/signature.h"

#include <sodium.h>

#include <optional>
#include <vector>

#include "support/error.h"

namespace lockstep::support {

namespace {

using Bytes = std::vector<unsigned char>;

std::string text_of(const Bytes& bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.resize(text.find('\0'));
  return text;
}

std::optional<Bytes> bytes_of(std::string_view text, std::size_t size) {
  Bytes bytes(size);
  std::size_t got = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &got, &end,
                                       sodium_base64_VARIANT_ORIGINAL);
  if (failed != 0 || got != size || end != text.data() + text.size()) return std::nullopt;
  return bytes;
}

const unsigned char* begin_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

Bytes secret_of(const std::string& text) {
  auto secret = bytes_of(text, crypto_sign_SECRETKEYBYTES);
  if (!secret) throw UsageError("that is no secret key of Lockstep's (`lockstep key NAME` makes one)");
  return std::move(*secret);
}

void begin() {
  if (sodium_init() < 0) throw InternalError("libsodium can't be initialised");
}

}  // namespace

KeyPair new_key_pair() {
  begin();
  Bytes open(crypto_sign_PUBLICKEYBYTES), secret(crypto_sign_SECRETKEYBYTES);
  crypto_sign_keypair(open.data(), secret.data());
  KeyPair pair{text_of(secret), text_of(open)};
  sodium_memzero(secret.data(), secret.size());
  return pair;
}

std::string sign(std::string_view message, const std::string& secret) {
  begin();
  Bytes key = secret_of(secret), signature(crypto_sign_BYTES);
  crypto_sign_detached(signature.data(), nullptr, begin_of(message), message.size(), key.data());
  sodium_memzero(key.data(), key.size());
  return text_of(signature);
}

std::string open_key_of(const std::string& secret) {
  begin();
  Bytes key = secret_of(secret), open(crypto_sign_PUBLICKEYBYTES);
  crypto_sign_ed25519_sk_to_pk(open.data(), key.data());
  sodium_memzero(key.data(), key.size());
  return text_of(open);
}

bool is_signed(std::string_view message, const std::string& signature, const std::string& open) {
  begin();
  const auto bytes = bytes_of(signature, crypto_sign_BYTES);
  const auto key = bytes_of(open, crypto_sign_PUBLICKEYBYTES);
  return bytes && key && crypto_sign_verify_detached(bytes->data(), begin_of(message), message.size(), key->data()) == 0;
}

}  // namespace lockstep::support
