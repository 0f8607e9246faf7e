// Pretends to be the certificate of a production server: self-signed for 127.0.0.1 and localhost, good until 2126.
// Its key is public, so nothing but a test may trust it.

export const key = Buffer.from(`\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0piLioE9wIruPI5x
5Zn6lWsoJj89uRKKfwNPuxwwWTahRANCAAQ94bmGMNyIyE+fPujE1mwPlvGZs9eO
W5SWLU6oZhydl7D/hVKnUo9RMdCGiBSuWLYX339hahZf+vCVxu3nrQWR
-----END PRIVATE KEY-----
`);

export const cert = Buffer.from(`\
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUFUeRO/LVu+9xLw3+fk/7yVH261AwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMzExNDI0MFoYDzIxMjYxMDMw
MTE0MjQwWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ94bmGMNyIyE+fPujE1mwPlvGZs9eOW5SWLU6oZhydl7D/hVKnUo9R
MdCGiBSuWLYX339hahZf+vCVxu3nrQWRo28wbTAdBgNVHQ4EFgQUDs7o5Txb41je
rQxiQZGO80KmalowHwYDVR0jBBgwFoAUDs7o5Txb41jerQxiQZGO80KmalowDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSAAwRQIgFri4mbgjtsk6Cis1BdUwQKr4TIvsajfrKeoY4ipM18gCIQCa
fqxq3LoWrgSpxGeLfhdL981+kYTYL/YdtgUJP9NGMA==
-----END CERTIFICATE-----
`);
