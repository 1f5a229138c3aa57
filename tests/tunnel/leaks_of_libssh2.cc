// Not ours: reading an ECDSA key, libssh2 1.10 forgets the numbers that it had OpenSSL make of it.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libssh2_userauth_publickey_frommemory\n"; }
// libssh2 and OpenSSL keep no frame pointers: without this the function above is not in the stacks of their blocks.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "fast_unwind_on_malloc=0"; }
