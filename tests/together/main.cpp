// One program with all exercises in it. A stub's part ends with the stub's own Todo; a reference's
// works.

#include <cacheline/todo.hpp>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>

#include "together/part.hpp"

int main(int argc, char* argv[]) {
    const bool stubs = argc == 2 && std::strcmp(argv[1], "stubs") == 0;
    bool right = true;
    for (const cacheline::together::Part& part : cacheline::together::parts()) {
        std::string outcome = "works";
        try {
            part.use();
            right = right && !stubs;
        } catch (const cacheline::Todo& todo) {
            outcome = todo.what();
            right = right && stubs;
        } catch (const std::exception& error) {
            outcome = error.what();
            right = false;
        }
        std::cout << part.exercise << ": " << outcome << '\n';
    }
    return right ? 0 : 1;
}
