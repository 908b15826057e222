/* OpenBLAS and LAPACKE for Swift: the few routines that RecoKit calls, declared here with the reference
   interfaces' own signatures (32-bit integers), so that no BLAS header has to be found at compile time.
   Loading this module pins OpenBLAS to one thread; training may ask for more with openblas_set_num_threads. */
#ifndef RECO_CBLAS_H
#define RECO_CBLAS_H

enum { CblasRowMajor = 101, CblasColMajor = 102 };
enum { CblasNoTrans = 111, CblasTrans = 112 };
enum { CblasUpper = 121, CblasLower = 122 };
enum { CblasNonUnit = 131 };
enum { CblasLeft = 141, CblasRight = 142 };

void cblas_sgemm(int layout, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a, int lda,
                 const float *b, int ldb, float beta, float *c, int ldc);
void cblas_sgemv(int layout, int trans, int m, int n, float alpha, const float *a, int lda, const float *x, int incx,
                 float beta, float *y, int incy);
void cblas_ssyrk(int layout, int uplo, int trans, int n, int k, float alpha, const float *a, int lda, float beta,
                 float *c, int ldc);
void cblas_strsm(int layout, int side, int uplo, int trans, int diag, int m, int n, float alpha, const float *a,
                 int lda, float *b, int ldb);

int LAPACKE_sposv(int layout, char uplo, int n, int nrhs, float *a, int lda, float *b, int ldb);
int LAPACKE_spotrf(int layout, char uplo, int n, float *a, int lda);
int LAPACKE_sgeqrf(int layout, int m, int n, float *a, int lda, float *tau);
int LAPACKE_sorgqr(int layout, int m, int n, int k, float *a, int lda, const float *tau);
int LAPACKE_sgesdd(int layout, char jobz, int m, int n, float *a, int lda, float *s, float *u, int ldu, float *vt,
                   int ldvt);
int LAPACKE_dpotrf(int layout, char uplo, int n, double *a, int lda);
int LAPACKE_dpotri(int layout, char uplo, int n, double *a, int lda);
int LAPACKE_dsyevd(int layout, char jobz, char uplo, int n, double *a, int lda, double *w);

void openblas_set_num_threads(int count);
int openblas_get_num_threads(void);
const char *openblas_get_corename(void);

#endif
