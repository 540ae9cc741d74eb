/** The application's own documents: other programs read them, so Holdfast adds no field to them. */
export interface VerificationDocument {
  _id: string
  count: number
}

export interface UserDocument {
  _id: string
  code?: string | null
  when?: Date | null
  atproto?: { did?: string; handle?: string; password?: string } | null
}

export interface HandleDocument {
  _id: string
  handle?: string
}

/** The reservation of a code that is only known from the PDS. It names nobody. */
export const RESERVED_FOR_PDS_HANDLE = '(a handle on the PDS)'
