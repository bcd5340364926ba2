// The names of an object, from the outermost inwards. Equal paths are one list in memory, so that an id is copied, compared and
// hashed without touching its texts: a large schema's catalogs have the same ids many times over.
//
// A path never changes; what seems to change one makes another. Its names live as long as the process. Thread-safe.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::catalog {

class Path {
 public:
  using Names = std::vector<std::string>;
  using value_type = std::string;
  using const_iterator = Names::const_iterator;
  using iterator = const_iterator;

  Path();
  Path(Names names);                                                      // NOLINT(google-explicit-constructor)
  Path(std::initializer_list<std::string> names) : Path(Names(names)) {}  // NOLINT(google-explicit-constructor)
  template <std::input_iterator Iterator>
  Path(Iterator first, Iterator last) : Path(Names(first, last)) {}

  operator const Names&() const { return one_->names; }  // NOLINT(google-explicit-constructor)
  const Names& names() const { return one_->names; }
  std::size_t size() const { return names().size(); }
  bool empty() const { return names().empty(); }
  const std::string& operator[](std::size_t index) const { return names()[index]; }
  const std::string& at(std::size_t index) const { return names().at(index); }
  const std::string& front() const { return names().front(); }
  const std::string& back() const { return names().back(); }
  const_iterator begin() const { return names().begin(); }
  const_iterator end() const { return names().end(); }
  auto rbegin() const { return names().rbegin(); }
  auto rend() const { return names().rend(); }
  // The same in every process.
  std::size_t hash() const { return one_->hash; }

  void set(std::size_t index, std::string name);
  void set_back(std::string name) { set(size() - 1, std::move(name)); }
  void overwrite(std::size_t first, const Names& names);  // as many as there are, from that index on
  void push_back(std::string name);
  void pop_back();
  void pop_front();
  void append(const Names& more);

  friend bool operator==(const Path& a, const Path& b) { return a.one_ == b.one_; }
  friend bool operator<(const Path& a, const Path& b) { return a.one_ != b.one_ && a.names() < b.names(); }

 private:
  struct One {
    Names names;
    std::size_t hash = 0;
  };
  struct Pool;
  static const One* of(Names names);

  const One* one_;
};

}  // namespace lockstep::catalog
