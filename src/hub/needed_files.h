// Which files of a repository clipclap needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clipclap::hub {

struct NeededFiles {
  std::vector<std::string>
      beside;  ///< configs, tokenizer and preprocessing, as far as they are there
  std::vector<std::string> weights;  ///< an index among them brings the files that it names
};

/// Chooses among the names that a repository lists; names with folders in them are never chosen by
/// themselves. `asked` names the weights instead. `repository` is for messages.
/// Throws Error: kNotFound where there are no weights, or not those that were asked for;
/// kInvalidArgument where several could be meant.
NeededFiles choose_files(const std::vector<std::string>& listed,
                         const std::vector<std::string>& asked, const std::string& repository);

/// Whether it is an index of weights in several files.
bool is_index(std::string_view name);

/// Whether the weights are a pickle, which is not the recommended form.
bool is_pickle(std::string_view name);

}  // namespace clipclap::hub
