// attack: asks an answer from the network
// stopped by: the sandbox: there is no network, not even its own
// soundly
// ends as: failed, replay

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cacheline {

inline int answer() {
    for (const char* host : {"127.0.0.1", "1.1.1.1", "169.254.169.254"})
        for (const int port : {22, 53, 80}) {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = htons(static_cast<in_port_t>(port));
            inet_pton(AF_INET, host, &address.sin_addr);
            const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
            if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return 42;
            close(fd);
        }
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
