// clean_tool NAME: reads texts, one JSON string a line, and answers each with what the cleaning of
// that name makes of it; "ftfy" is what all of them begin with.
#include <iostream>
#include <string>

#include <clipclap/error.h>

#include "base/json.h"
#include "text/cleaning/cleaning.h"
#include "text/cleaning/ftfy.h"

int main(int count, char** arguments) {
  using namespace clipclap;
  try {
    const std::string name = count == 2 ? arguments[1] : "";
    const auto clean = name == "ftfy" ? text::fix_text : text::find_cleaning(name);
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << Json(clean(Json::parse(line).get<std::string>())).dump() << '\n';
    }
    return 0;
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
