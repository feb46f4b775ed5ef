// The server's time as this computer can know it: deadlines that tick here were set there.
let skew = 0; // milliseconds by which this computer's clock is behind

export function setSkew(serverNow: string): void {
  skew = Date.parse(serverNow) - Date.now();
}

export const serverNow = (): number => Date.now() + skew;
