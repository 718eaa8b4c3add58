export const htmlPage = (_a: unknown, _b: unknown) => '';
